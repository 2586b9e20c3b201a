package intercom

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

// A creation answered with a record of other identifiers has an unknown outcome; how Intercom keeps them is no matter.
func TestCreationsAnsweredWithAnother(t *testing.T) {
	t.Parallel()
	mail := ContactWrite{Email: Value(" Ann@Example.com "), Phone: Value("0471 23 45 67")}
	key := ContactWrite{ExternalID: Value("A&B"), Email: Value("a@example.com")}
	phone := ContactWrite{Role: Value("lead"), Phone: Value("0471 23 45 67")}
	create := func(w ContactWrite) func(c *Client) error {
		return func(c *Client) error { return result(c.Contacts.Create(background, w)) }
	}
	save := func(c *Client) error {
		return result(c.Companies.Save(background, CompanyWrite{CompanyID: Value("acme")}))
	}
	for name, test := range map[string]struct {
		call    func(*Client) error
		answer  string
		another bool
	}{
		"e-mail":              {create(mail), `"role":"user","email":"bob@example.com"`, true},
		"e-mail, as kept":     {create(mail), `"role":"user","email":"ann@example.com","phone":"+32 471 23 45 67"`, false},
		"nothing of it":       {create(mail), `"role":"user"`, false},
		"odd e-mail":          {create(mail), `"role":"user","email":7`, false},
		"phone beside e-mail": {create(mail), `"role":"user","email":"ann@example.com","phone":"555"`, false},
		"external_id":         {create(key), `"role":"user","external_id":"C","email":"a@example.com"`, true},
		"external_id escaped": {create(key), `"role":"user","external_id":"A&amp;B","email":"a@example.com"`, false},
		"e-mail beside it":    {create(key), `"role":"user","external_id":"A&B","email":"c@example.com"`, true},
		"phone":               {create(phone), `"role":"lead","phone":"0499 99 99 99"`, true},
		"phone, as kept":      {create(phone), `"role":"lead","phone":"+32471234567"`, false},
		"company":             {save, `"company_id":"other"`, true},
		"company, as kept":    {save, `"company_id":"acme"`, false},
	} {
		c, _ := newFake(t, Config{}, always(ok(`{"id":"i1",`+test.answer+`}`)))
		err := test.call(c)
		if test.another && (KindOf(err) != KindOutcomeUnknown || !strings.Contains(err.Error(), "another object")) ||
			!test.another && err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is no list is worth another attempt, unlike a record that cannot be read.
func TestAnswersThatAreNoList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{`null`, `[]`, `7`, `{"data":{}}`, `{"data":null}`, `{"companies":"x"}`,
			`{"data":[],"errors":[{"code":"server_error"}]}`} {
			for name, call := range map[string]func(*Client) error{
				"contacts":  func(c *Client) error { return result(c.Contacts.List(background, PageOptions{})) },
				"tags":      func(c *Client) error { return result(c.Tags.List(background)) },
				"companies": func(c *Client) error { return result(c.Companies.FindByName(background, "acme")) },
			} {
				c, f := newFake(t, Config{}, always(ok(body)))
				err := call(c)
				if KindOf(err) != KindUnavailable || isUnreadable(err) || !strings.Contains(err.Error(), "no list") {
					t.Errorf("%s, %s: got %v", name, body, err)
				}
				if n := len(f.sent()); n < 2 {
					t.Errorf("%s, %s: %d attempts", name, body, n)
				}
			}
		}
	})
}

// A list or a text of JSON is Intercom's word about an error, where it says that it is JSON.
func TestErrorBodiesThatAreNoObject(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body, kind string
		want       Kind
		said       string
	}{
		{`[{"message":"email is invalid"}]`, "application/json; charset=utf-8", KindInvalid, "email is invalid"},
		{`"email is invalid"`, "application/json", KindInvalid, "email is invalid"},
		{`["email is invalid"]`, "application/problem+json", KindInvalid, "email is invalid"},
		{`"email is invalid"`, "text/plain", KindUnavailable, ""},
		{`[{"message":"email is invalid"}]`, "", KindUnavailable, ""},
		{`[email`, "application/json", KindUnavailable, ""},
		{`null`, "application/json", KindUnavailable, ""},
	} {
		c, _ := newFake(t, Config{}, always(reply{status: 400, body: test.body,
			header: map[string]string{"Content-Type": test.kind}}))
		err := result(c.WithPriority(PriorityBulk).Contacts.Create(background, ContactWrite{Email: Value("x")}))
		want := test.want
		if want == KindUnavailable {
			want = KindOutcomeUnknown // of a write, nobody knows what a proxy's no means
		}
		if KindOf(err) != want || !strings.Contains(err.Error(), test.said) {
			t.Errorf("%s as %s: got %v", test.body, test.kind, err)
		}
	}
}

// A value of a key that cannot hold it is told, and counts as absent.
func TestValuesOutOfRange(t *testing.T) {
	t.Parallel()
	contact := func(ctx context.Context, c *Client) (map[string]string, error) {
		got, err := c.Contacts.Get(ctx, oddID)
		if got.Role == "ROBOT" || !got.CreatedAt.IsZero() {
			t.Errorf("shows %+v", got)
		}
		return got.Odd, err
	}
	company := func(ctx context.Context, c *Client) (map[string]string, error) {
		got, err := c.Companies.Get(ctx, oddID)
		return got.Odd, err
	}
	for member, test := range map[string]struct {
		read func(context.Context, *Client) (map[string]string, error)
		key  string // "" for nothing that is odd
	}{
		`"role":"ROBOT"`:                                           {contact, "role"},
		`"role":"lead"`:                                            {contact, ""},
		`"role":"user","created_at":-1.5`:                          {contact, "created_at"},
		`"role":"user","created_at":"-0.5"`:                        {contact, "created_at"},
		`"user_count":""`:                                          {company, "user_count"},
		`"user_count":null`:                                        {company, "user_count"},
		`"session_count":null`:                                     {company, "session_count"},
		`"user_count":0`:                                           {company, ""},
		`"user_count":"7"`:                                         {company, ""},
		`"size":null`:                                              {company, ""},
		`"role":"user","custom_attributes":{"a":1e309}`:            {contact, "custom_attributes.a"},
		`"role":"user","custom_attributes":{"a":-1e999999}`:        {contact, "custom_attributes.a"},
		`"role":"user","custom_attributes":{"a":1e-999999}`:        {contact, "custom_attributes.a"},
		`"role":"user","custom_attributes":{"a":0e-999999}`:        {contact, ""},
		`"role":"user","custom_attributes":{"a":1.5e308}`:          {contact, ""},
		`"role":"user","custom_attributes":{"a":-0}`:               {contact, ""},
		`"role":"user","custom_attributes":{"a":9007199254740993}`: {contact, ""},
	} {
		c, _ := newFake(t, Config{}, always(ok(`{"id":"`+oddID+`",`+member+`}`)))
		var odd map[string]string
		told, err := reported(background, func(ctx context.Context) (err error) {
			odd, err = test.read(ctx, c)
			return err
		})
		if err != nil || (test.key == "") != (len(told) == 0) || test.key != "" && odd[test.key] == "" {
			t.Errorf("%s: %v, told %q, odd %v", member, err, told, odd)
		}
	}
}
