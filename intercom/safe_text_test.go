package intercom

import (
	"net/http"
	"strings"
	"testing"
)

// TestSafeText keeps what Intercom's messages say of themselves, and what the caller gave, and nothing that they repeat
// from elsewhere.
func TestSafeText(t *testing.T) {
	given := func(text string) bool { return text == "ann lee" || text == "plan_tier" || text == "x" }
	for message, want := range map[string]string{
		"The owner specified is not a member of the workspace":                             "",
		"Invalid starting_after param. Please try again":                                   "",
		"Exceeded rate limit of 167 in 10_seconds":                                         "",
		"maximum number of contacts per request is 100":                                    "",
		"Value depth exceeds 10 items":                                                     "",
		"Contacts can only be merged when they are duplicates (matching email or phone).":  "",
		"You do not have the required scope (read_conversations) to access this resource":  "",
		"A contact matching those details already exists with id=5da6f18e3d7cf967e4582d05": "",
		"bad 'x' parameter":                                       "",
		"Custom attribute 'plan_tier' does not exist":             "",
		"Ann Lee is not a valid name":                             "",
		"Custom attribute 'secret_plan' does not exist":           "Custom attribute '…' does not exist",
		"Bob Lee is not a valid name":                             "… is not a valid name",
		"joe@acme.com is already taken":                           "… is already taken",
		"the phone +1 555 0199 is invalid":                        "the phone … is invalid",
		"the limit for 555 01 99 is reached":                      "the limit for … is reached",
		"the maximum is '4711'":                                   "the maximum is '…'",
		"4711 is not a valid number":                              "… is not a valid number",
		"2027-01-31 is not a date":                                "… is not a date",
		"token dG9rOjEyMzQ1Njc4 is unknown":                       "token … is unknown",
		"Authorization: Bearer dG9rOjEyMzQ1Njc4":                  "Authorization: …",
		"value {\"name\":\"Joe\"} is invalid":                     "value {\"…\"} is invalid",
		"nøt välid":                                               "…",
		"see https://api.intercom.io/contacts/joe@acme.com":       "…",
		"user/joe, user.joe, user-joe, user_joe and user are bad": "…, …, …, … and user are bad",
	} {
		if want == "" {
			want = message
		}
		if got := SafeText(message, given); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", message, got, want)
		}
	}
}

// TestErrorsRepeatNoRecords keeps what a refusal repeats out of what is logged, and tells what the caller gave.
func TestErrorsRepeatNoRecords(t *testing.T) {
	for name, test := range map[string]struct{ body, text, told string }{
		"a token": {`{"errors":[{"code":"parameter_invalid","message":"token dG9rOmFiYw== is invalid"}]}`,
			"parameter_invalid token … is invalid", "token … is invalid"},
		"a person": {`{"errors":[{"code":"parameter_invalid","message":"Joe Doe's email is invalid"}]}`,
			"parameter_invalid … email is invalid", "Joe Doe's email is invalid"},
		"nothing known": {`{"errors":[{"code":"parameter_invalid","message":"Joe Doe's"}]}`,
			"parameter_invalid Unprocessable Entity", "Joe Doe's"},
		"a code":             {`{"errors":[{"code":"joe@acme.com","message":"Name is invalid"}]}`, "422 Name is invalid", "Name is invalid"},
		"a key of an object": {`{"errors":{"joe@acme.com":["is invalid"]}}`, "422 … is invalid", "… is invalid"},
		"segments": {`{"errors":[{"code":"tag_has_dependent_objects",` +
			`"message":"Unable to delete Tag with dependent objects. Segments: Night owls."}]}`,
			"objects. Segments: ….", "Unable to delete Tag with dependent objects. Segments: Night owls."},
	} {
		body := strings.TrimSuffix(test.body, "}") + `,"request_id":"joe@acme.com"}`
		c, _ := newFake(t, Config{}, always(reply{status: http.StatusUnprocessableEntity, body: body}))
		e := asError(t, result(c.Contacts.Create(background, ContactWrite{})))
		if !strings.Contains(e.Error(), test.text) || strings.Contains(e.Error(), "oe") {
			t.Errorf("%s: %v", name, e)
		}
		given := func(text string) bool { return text == "joe doe's" }
		if got := e.MessageFor(given); got != test.told {
			t.Errorf("%s: told %q", name, got)
		}
	}
}

// TestSafeWordsCoverTheCodes has every part of a code that is known as a word.
func TestSafeWordsCoverTheCodes(t *testing.T) {
	for code := range kindsOfCodes {
		if !safeWord(code) || safeCode(code) != code {
			t.Errorf("%s is no code", code)
		}
	}
}

// FuzzSafeText finds nothing in what is left that is no safe word.
func FuzzSafeText(f *testing.F) {
	f.Add("Joe's 'plan' (5) is invalid")
	f.Fuzz(func(t *testing.T, message string) {
		for _, word := range splitWords(SafeText(message, nil)) {
			if word.core != elided && !safeWord(word.core) {
				t.Errorf("%q leaves %q", message, word.core)
			}
		}
	})
}
