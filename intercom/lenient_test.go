package intercom

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// reported collects what a call could not read.
func reported(ctx context.Context, call func(context.Context) error) ([]string, error) {
	var all []string
	err := call(WithUnreadable(ctx, func(u Unreadable) { all = append(all, u.String()) }))
	return all, err
}

const oddID = "6650c0ffee6650c0ffee6650"

// A wrong value where nothing depends on it is told, and counts as absent; what nobody shows is not even looked at.
func TestLenientContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("x", maxText-100)
		tests := []struct {
			member string
			told   string // "" for nothing
			unread string // the key that cannot be read, "" for none that is kept
		}{
			{`"ios_sdk_version":15`, "", ""},
			{`"unknown":{"a":[1,{"b":null}]}`, "", ""},
			{`"browser":15`, "browser is no text", "browser"},
			{`"last_seen_at":"soon"`, "last_seen_at is not what it should be", "last_seen_at"},
			{`"has_hard_bounced":"yes"`, "has_hard_bounced is neither true nor false", "has_hard_bounced"},
			{`"location":[]`, "location is no object", "location.city"},
			{`"location":{"city":{}}`, "location.city is no text", "location.country"},
			{`"name":["Joe"]`, "name is no text", "name"},
			{`"custom_attributes":7`, "custom_attributes is no object", "custom_attributes.plan"},
			{`"tags":{"data":[{"id":{}},{"id":"7"}]}`, "tags.data[0].id is not what it should be", "tags"},
			{`"notes":{"total_count":"many"}`, "notes.total_count is not what it should be", "notes"},
			{`"name":null,"location":null,"tags":null,"avatar":null`, "", ""},
			{`"name":"` + strings.Repeat("x", maxText+1) + `"`, "name is too long", "name"},
			{`"custom_attributes":{"a":"` + long + `","b":"` + long + `","c":"` + long + `","d":"` + long + `","e":"` + long +
				`"}`,
				"custom_attributes.e is left out, since there is too much beside it", "custom_attributes.e"},
		}
		for _, test := range tests {
			body := `{"id":"` + oddID + `","role":"user",` + test.member + `,"email":"joe@acme.com"}`
			c, _ := newFake(t, Config{}, always(ok(body)))
			var got Contact
			told, err := reported(background, func(ctx context.Context) (err error) {
				got, err = c.Contacts.Get(ctx, oddID)
				return err
			})
			var want []string
			if test.told != "" {
				want = []string{"contact " + oddID + ": " + test.told}
			}
			if err != nil || got.Email != "joe@acme.com" || !cmp.Equal(told, want) {
				t.Errorf("%.60s: got %q, %v; want %q", test.member, told, err, want)
			}
			writes, err := c.Strict().Contacts.Get(background, oddID)
			if err != nil || !cmp.Equal(got, writes) {
				t.Errorf("%.60s: a client that writes got %v", test.member, err)
			}
			err = got.Unread("email", "custom_attributes.a", test.unread)
			if (err != nil) != (test.unread != "") || err != nil && !strings.HasPrefix(err.Error(), "contact "+oddID+": ") {
				t.Errorf("%.60s: what depends on %q got %v", test.member, test.unread, err)
			}
		}
	})
}

// What is odd in the tags of a company fails nothing but the tag.
func TestLenientCompany(t *testing.T) {
	for body, want := range map[string][]string{
		`{"id":"i2","name":"Acme","tags":{"tags":[{"id":"1","name":"VIP"},{"name":"x"}]}}`: {"tag: tags.tags[1] has no id, so it is left out"},
		`{"id":"i2","name":"Acme","tags":7,"segments":{"segments":{}},"plan":"Pro"}`: {
			"company i2: tags is no object", "company i2: segments.segments is no list", "company i2: plan is no object"},
		`{"id":"i2","name":"Acme","size":{},"user_count":"many","app_id":7}`: {
			"company i2: size is not what it should be", "company i2: user_count is not what it should be"},
	} {
		c, _ := newFake(t, Config{}, always(ok(body)))
		var got Company
		told, err := reported(background, func(ctx context.Context) (err error) {
			got, err = c.Companies.Get(ctx, "i2")
			return err
		})
		if err != nil || got.Name != "Acme" || !cmp.Equal(told, want) {
			t.Errorf("%s: got %v, %q, %v", body, got, told, err)
		}
	}
}

// Nothing can be done without an id and a role.
func TestStrictContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for body, want := range map[string]string{
			`{"id":{},"role":"user"}`:                      "id is no text",
			`{"id":7,"role":"user"}`:                       "id is no text",
			`{"role":"user"}`:                              "contact has no id",
			`{"id":"` + oddID + `","role":["user"]}`:       "contact " + oddID + ": role is no text",
			`{"role":false,"name":7,"id":"` + oddID + `"}`: "contact " + oddID + ": role is no text",
			`[]`: "is no object", `null`: "is no object",
		} {
			c, _ := newFake(t, Config{}, always(ok(body)))
			err := result(c.WithPriority(PriorityBulk).Contacts.Get(background, oddID))
			if KindOf(err) != KindUnavailable || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", body, err, want)
			}
		}
	})
}

// Nothing says that a list of which a contact does not tell is empty, and a contact without a role is told.
func TestMissingParts(t *testing.T) {
	const role = `"role":"user",`
	const empty = `"tags":{"data":[]},"companies":{"data":[]},"notes":{"data":[]}`
	for _, test := range []struct {
		members string
		more    RefList // of tags
		unread  string
	}{
		{role + empty, RefList{IDs: nil}, ""},
		{empty, RefList{}, "role is missing"},
		{`"role":null,` + empty, RefList{}, "role is missing"},
		{`"role":"",` + empty, RefList{}, "role is missing"},
		{role + `"tags":null`, RefList{HasMore: true}, ""},
		{role + `"tags":{}`, RefList{HasMore: true}, ""},
		{role + `"tags":{"data":null,"total_count":0}`, RefList{HasMore: true}, ""},
		{role + `"tags":{"data":[],"total_count":1,"has_more":false}`, RefList{Total: 1, HasMore: true}, ""},
		{role + `"tags":{"data":[],"total_count":"1"}`, RefList{Total: 1, HasMore: true}, ""},
		{role + `"tags":{"data":[{"id":"t"}],"total_count":2}`, RefList{IDs: []string{"t"}, Total: 2, HasMore: true}, ""},
		{role + `"tags":{"data":[{"id":"t"}],"total_count":1.0}`, RefList{IDs: []string{"t"}, Total: 1}, ""},
		{role + `"tags":{"data":[{"id":"t"}],"total_count":1.5}`, RefList{IDs: []string{"t"}, Total: 1, HasMore: true},
			"tags.total_count is not what it should be"},
		{role + `"tags":{"data":[],"total_count":-1}`, RefList{HasMore: true},
			"tags.total_count is not what it should be"},
		{role + `"tags":{"data":[7]}`, RefList{HasMore: true}, "tags.data[0] is no object"},
		{role + `"tags":{"data":[],"has_more":"yes"}`, RefList{HasMore: true}, "tags.has_more is neither true nor false"},
		{`"role":"user"`, RefList{HasMore: true}, ""},
	} {
		c, _ := newFake(t, Config{}, always(ok(`{"id":"`+oddID+`",`+test.members+`}`)))
		var got Contact
		told, err := reported(background, func(ctx context.Context) (err error) {
			got, err = c.Contacts.Get(ctx, oddID)
			return err
		})
		var want []string
		if test.unread != "" {
			want = []string{"contact " + oddID + ": " + test.unread}
		}
		if err != nil || !cmp.Equal(told, want) || !cmp.Equal(got.Tags, test.more) {
			t.Errorf("%s: got %v, %q, %v", test.members, got.Tags, told, err)
		}
		if strings.HasPrefix(test.unread, "role") && got.Unread("role") == nil {
			t.Errorf("%s: the role passes for one", test.members)
		}
	}
}

// What cannot be read is the same the next time, so that it is asked for once.
func TestOddAnswerOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := newFake(t, Config{}, always(ok(`{"id":"`+oddID+`","role":7}`)))
		for range 2 * breakerAttempts {
			if err := result(c.Contacts.Get(background, oddID)); !strings.Contains(err.Error(), "role is no text") {
				t.Fatal(err)
			}
		}
		if n := len(f.sent()); n != 2*breakerAttempts {
			t.Errorf("%d requests", n)
		}
	})
}

// One item that cannot be read does not hide the others, unless a write depends on all of them.
func TestListsWithUnreadableItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = `{"type":"list","data":[{"id":"a","role":"lead"},{"name":"no id"},null,{"id":"b","role":7},{"id":"c","role":"user"}],"total_count":5}`
		c, _ := newFake(t, Config{}, always(ok(body)))
		var ids []string
		told, err := reported(background, func(ctx context.Context) error {
			page, err := c.Contacts.List(ctx, PageOptions{})
			for _, contact := range page.Items {
				ids = append(ids, contact.ID)
			}
			return err
		})
		want := []string{"contact: data[1] has no id, so it is left out", "contact: data[2] is no object, so it is left out",
			"contact b: role is no text, so it is left out"}
		if err != nil || !cmp.Equal(ids, []string{"a", "c"}) || !cmp.Equal(told, want) {
			t.Errorf("got %v, %q, %v", ids, told, err)
		}
		if err := result(c.Strict().Contacts.List(background, PageOptions{})); err == nil {
			t.Error("a client that writes does not miss the others")
		}
		page, err := c.Strict().Contacts.List(background, PageOptions{Partial: true})
		if err != nil || len(page.Items) != 2 || len(page.Dropped) != 3 {
			t.Errorf("in part: got %v, %v", page, err)
		}
		c, _ = newFake(t, Config{}, always(ok(`{"data":[{"name":"no id"}]}`)))
		if err := result(c.Contacts.List(background, PageOptions{})); err == nil {
			t.Error("a list with nothing that can be read is an empty list")
		}
	})
}

// A 200 that is no list is no empty list.
func TestNoLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{
			`{}`, `null`, `[]`, `"x"`, `7`, `{"message":"down"}`, `{"type":"error.list","errors":[{"code":"x"}]}`,
			`{"data":null}`,
			`{"data":{}}`, `{"data":"x"}`, `{"data":[],"pages":"x"}`, `{"data":[],"pages":{"next":true}}`,
			`{"data":[],"scroll_param":{}}`,
		} {
			c, _ := newFake(t, Config{}, always(ok(body)))
			for name, call := range map[string]func(*Client) error{
				"contacts":  func(c *Client) error { return result(c.Contacts.List(background, PageOptions{})) },
				"tags":      func(c *Client) error { return result(c.Tags.List(background)) },
				"by name":   func(c *Client) error { return result(c.Companies.FindByName(background, "Acme")) },
				"by id":     func(c *Client) error { return result(c.Companies.FindByCompanyID(background, "6")) },
				"admins":    func(c *Client) error { return result(c.Admins.List(background)) },
				"companies": func(c *Client) error { return drain(c.Companies.ScrollAll(background)) },
			} {
				if err := call(c.WithPriority(PriorityBulk)); KindOf(err) != KindUnavailable {
					t.Errorf("%s of %s: got %v", name, body, err)
				}
			}
		}
	})
}

// A token of no workspace is told as that.
func TestMeWithoutApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, app := range []string{`null`, `{}`, `{"id_code":null}`} {
			c, _ := newFake(t, Config{}, always(ok(`{"type":"admin","id":"1","app":`+app+`}`)))
			if err := result(c.Admins.Me(background)); err == nil || !strings.Contains(err.Error(), "belongs to no workspace") {
				t.Errorf("app %s: got %v", app, err)
			}
		}
	})
}

// An answer that is small on the wire does not become large in memory.
func TestAnswersOfManyItems(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"items":      `{"data":[` + strings.Repeat(`{"id":"a"},`, maxItems) + `{"id":"b"}]}`,
		"attributes": `{"data":[{"id":"a","custom_attributes":{` + numbered(maxItems+1) + `}}]}`,
	} {
		c, _ := newFake(t, Config{}, always(ok(body)))
		if err := result(c.Contacts.List(background, PageOptions{})); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%d":0,`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// Whatever comes, a decoded answer says what it left out, and its time is bounded.
func FuzzDecodeAnswer(f *testing.F) {
	for _, seed := range []string{fullContact, `{"data":[` + fullContact + `,{},null,7],"pages":{"next":null}}`, `{}`,
		`[[[[`,
		`{"data":[{"id":"a","id":"b","tags":{"data":[{"id":1}]}}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		start := time.Now()
		var contact contactWire
		odd, err := decodeAnswer(body, &contact, false, false)
		if err == nil && (contact.ID == "" || !json.Valid(body)) {
			t.Errorf("%q passes for a contact", body)
		}
		var strict contactWire
		if _, failed := decodeAnswer(body, &strict, true, true); err == nil && failed == nil && len(odd) == 0 &&
			!cmp.Equal(contact, strict) {
			t.Errorf("%q is not the same to a client that writes", body)
		}
		var list listWire[contactWire]
		if _, err := decodeAnswer(body, &list, false, false); err == nil {
			if page, err := toPage(&list); err == nil && page.Items == nil {
				t.Errorf("%q is a list of nothing", body)
			}
		}
		if time.Since(start) > 5*time.Second {
			t.Errorf("took %v", time.Since(start))
		}
	})
}
