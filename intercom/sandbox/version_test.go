package sandbox

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
)

// TestVersionGates holds in which versions each operation is there.
func TestVersionGates(t *testing.T) {
	const lacks = "Requested resource is not available in current API version."
	for _, test := range []struct {
		method, path string
		since        string
		before       string // the last version without it
	}{
		{"GET", "/contacts/find_by_external_id/u-10001", "2.13", "2.12"},
		{"POST", "/contacts/x/block", "2.13", "2.12"},
		{"GET", "/companies/x/notes", "2.15", "2.14"},
		{"POST", "/companies/x/notes", "2.16", "2.15"},
		{"GET", "/contacts/x/merge_history", "2.16", "2.15"},
		{"PUT", "/contacts/bulk", "Preview", "2.17"},
		{"POST", "/contacts/bulk", "Preview", "2.17"},
		{"POST", "/contacts/bulk/delete", "Preview", "2.17"},
		{"GET", "/contacts/bulk/x", "Preview", "2.17"},
		{"POST", "/contacts/merge/preview", "Preview", "2.17"},
		{"GET", "/contacts", "2.7", "2.6"},
	} {
		c := newCaller(t, Options{})
		c.in(test.before).refused(test.method, test.path, "", 400, "intercom_version_invalid", lacks)
		a := c.in(test.since).do(test.method, test.path, "")
		if a.text("errors.0.code") == "intercom_version_invalid" {
			t.Errorf("%s %s in %s: %s", test.method, test.path, test.since, a.body)
		}
	}
}

// TestVersionHeader holds which version answers.
func TestVersionHeader(t *testing.T) {
	c := newCaller(t, Options{DefaultVersion: "2.14"})
	for asked, want := range map[string]string{
		"": "2.14", "2.10": "2.10", "2.16": "2.16", "2.17": "2.17", "preview": "Preview", "Unstable": "Preview",
	} {
		if got := c.in(asked).ok("GET", "/me", "").header.Get("Intercom-Version"); got != want {
			t.Errorf("asked %q: answered in %q, want %q", asked, got, want)
		}
	}
	for _, asked := range []string{"2.99", "3.0", "1.5", "two", "2", "2.x", "2.-1"} {
		c.in(asked).refused("GET", "/me", "", 400, "intercom_version_invalid", "The requested version could not be found")
	}
}

// TestNoPreview holds that a workspace without Preview refuses what only
// Preview has, and nothing else.
func TestNoPreview(t *testing.T) {
	c := newCaller(t, Options{NoPreview: true}).in("Preview")
	c.refused("PUT", "/contacts/bulk", `{"contacts":[]}`, 400, "intercom_version_invalid",
		"Requested resource is not available in current API version.")
	c.ok("GET", "/tags", "")
}

// TestVersionShapes holds the values that differ between versions.
func TestVersionShapes(t *testing.T) {
	c := newCaller(t, Options{})
	id := c.ok("POST", "/contacts", `{"external_id":"v","owner_id":"991267464"}`).text("id")
	for version, want := range map[string]any{
		"2.10": 991267464.0, "2.15": 991267464.0, "2.16": "991267464", "2.17": "991267464", "Preview": "991267464",
	} {
		if got := c.in(version).ok("GET", "/contacts/"+id, "").at("owner_id"); got != want {
			t.Errorf("owner_id in %s: %v, want %v", version, got, want)
		}
	}
	for version, want := range map[string]string{"2.16": "date", "2.17": "datetime", "Preview": "datetime"} {
		got := ""
		rows, _ := c.in(version).ok("GET", "/data_attributes?model=contact", "").at("data").([]any)
		for _, row := range rows {
			if a := row.(map[string]any); a["name"] == "last_seen_at" {
				got, _ = a["data_type"].(string)
			}
		}
		if got != want {
			t.Errorf("last_seen_at in %s: %q, want %q", version, got, want)
		}
	}
	for version, want := range map[string][]string{
		"2.12": {"email_verified", "language_override"}, "2.16": {"language_override"}, "Preview": {},
	} {
		refused := []string{}
		for key, value := range map[string]string{"email_verified": "true", "language_override": `"de"`} {
			a := c.in(version).do("PUT", "/contacts/"+id, `{"email":"v@mail.example","`+key+`":`+value+`}`)
			if a.status == http.StatusBadRequest && a.text("errors.0.message") == "bad '"+key+"' parameter" {
				refused = append(refused, key)
			}
		}
		if slices.Sort(refused); !slices.Equal(refused, want) {
			t.Errorf("refused in %s: %v, want %v", version, refused, want)
		}
	}
	c.in("2.16").refused("GET", "/data_attributes?model=conversation", "", 422, "parameter_invalid",
		"model=conversation is no longer supported. Use GET /conversations/attributes instead")
	c.in("2.15").ok("GET", "/data_attributes?model=conversation", "")
}

// TestListedContactsTellLess holds that only a single contact tells whether
// it takes push messages.
func TestListedContactsTellLess(t *testing.T) {
	c := newCaller(t, Options{}).in("2.16")
	list := c.ok("GET", "/contacts", "")
	one := c.ok("GET", "/contacts/"+list.ids()[0], "")
	const key = `"enabled_push_messaging":`
	if bytes.Contains(list.body, []byte(key)) || !bytes.Contains(one.body, []byte(key)) {
		t.Errorf("%s in a list: %s\nin a single contact: %s", key, list.body, one.body)
	}
}
