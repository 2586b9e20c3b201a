package sandbox

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMerge holds what moves to the contact that remains, and what becomes of
// the one that goes.
func TestMerge(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	lead := c.ok("POST", "/contacts", `{"role":"lead","email":"ann@mail.example","name":"Ann",`+
		`"custom_attributes":{"plan":"pro","seats":1}}`).text("id")
	user := c.ok("POST", "/contacts", `{"email":"Ann@mail.example","custom_attributes":{"seats":9}}`).text("id")
	firm := c.Companies()[0].ID
	c.ok("POST", "/contacts/"+lead+"/companies", `{"id":"`+firm+`"}`)
	c.ok("POST", "/contacts/"+lead+"/tags", `{"id":"7522901"}`)
	note := c.ok("POST", "/contacts/"+lead+"/notes", `{"body":"Hello"}`).text("id")
	c.ok("POST", "/contacts/merge", `{"from":"`+lead+`","into":"`+user+`"}`)
	got, _ := c.Contact(user)
	if got.Name != "Ann" || got.Email != "ann@mail.example" || got.CustomAttributes["plan"] != "pro" ||
		got.CustomAttributes["seats"] != int64(9) ||
		!slices.Equal(got.TagIDs, []string{"7522901"}) || !slices.Equal(got.CompanyIDs, []string{firm}) {
		t.Errorf("after the merge: %+v", got)
	}
	if ids := c.ok("GET", "/contacts/"+user+"/notes", "").ids(); !slices.Equal(ids, []string{note}) {
		t.Errorf("notes %v", ids)
	}
	c.in("2.15").refused("GET", "/contacts/"+lead, "", 404, "not_found", "User Not Found")
	gone := c.do("GET", "/contacts/"+lead, "")
	if gone.status != 410 || gone.header.Get("Link") != "</contacts/"+user+`>; rel="canonical"` ||
		gone.text("errors.0.code") != "contact_merged" || gone.text("request_id") == "" {
		t.Errorf("the merged contact: %d %v %s", gone.status, gone.header, gone.body)
	}
	c.refused("PUT", "/contacts/"+lead, `{}`, 404, "not_found", "User Not Found")
	c.refused("POST", "/contacts/"+lead+"/unarchive", "", 400, "bad_request",
		"User has been merged and is not restorable.")
	if ids := c.search(`{"field":"email","operator":"=","value":"ann@mail.example"}`); !slices.Equal(ids, []string{user}) {
		t.Errorf("found %v", ids)
	}
	if got := c.ok("GET", "/contacts/"+user+"?include_merge_history=true",
		"").text("merge_history.0.source_contact_id"); got != lead {
		t.Errorf("merge history of %q", got)
	}
	for version, want := range map[string]any{"2.16": nil, "2.17": lead, "Preview": lead} {
		members := c.in(version).ok("GET", "/companies/"+firm+"/contacts?include_merge_history=true", "")
		if got := members.at("data.0.merge_history.0.source_contact_id"); got != want {
			t.Errorf("%s: merge history of %v in the company", version, got)
		}
	}
}

// TestMergeRefusals holds who cannot be merged, by version.
func TestMergeRefusals(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	lead := c.ok("POST", "/contacts", `{"role":"lead","email":"a@mail.example"}`).text("id")
	user := c.ok("POST", "/contacts", `{"email":"b@mail.example"}`).text("id")
	other := c.ok("POST", "/contacts", `{"email":"c@mail.example"}`).text("id")
	body := func(from, into, rest string) string {
		return `{"from":"` + from + `","into":"` + into + `"` + rest + `}`
	}
	const roles = "Merging can only be performed on a lead into a user"
	c.refused("POST", "/contacts/merge", body(user, lead, ""), 400, "invalid_merge", roles)
	c.refused("POST", "/contacts/merge", body(user, other, ""), 400, "invalid_merge", roles)
	c.in("Preview").refused("POST", "/contacts/merge", body(user, other, ""), 422, "unprocessable_entity",
		"Users can only be merged when they share an email or phone")
	c.in("Preview").refused("POST", "/contacts/merge", body(user, other, `,"skip_duplicate_validation":true`), 400,
		"parameter_not_allowed",
		"skip_duplicate_validation is not allowed when merging two users")
	c.refused("POST", "/contacts/merge", body(lead, user, ""), 400, "invalid_merge",
		"Contacts can only be merged when they are duplicates (matching email or phone). Pass "+
			"skip_duplicate_validation=true to override this check.")
	if a := c.do("POST", "/contacts/merge", body(lead, user, "")); a.at("request_id") != nil {
		t.Errorf("this refusal alone goes without a request id: %s", a.body)
	}
	c.refused("POST", "/contacts/merge", body(lead, "nobody", ""), 404, "not_found", "User Not Found")
	c.refused("POST", "/contacts/merge", `{"into":"`+user+`"}`, 400, "parameter_not_found", "from not specified")
	c.in("2.15").refused("POST", "/contacts/merge", body(lead, user, `,"skip_duplicate_validation":true`), 400,
		"bad_request", "bad 'skip_duplicate_validation' parameter")
	blocked := c.in("Preview").ok("POST", "/contacts/merge/preview", body(lead, user, ""))
	if blocked.at("allowed") != false || blocked.text("reasons.0.code") != "no_shared_identifier" {
		t.Errorf("preview: %s", blocked.body)
	}
	c.ok("POST", "/contacts/merge", body(lead, user, `,"skip_duplicate_validation":true`))
}

// TestMergeOfUsers holds when Preview merges a user into another one, and that no numbered version does.
func TestMergeOfUsers(t *testing.T) {
	merge := func(c *caller) (from, body string) {
		from = c.ok("POST", "/contacts", `{"external_id":"from","phone":"+15550100","name":"Jo"}`).text("id")
		into := c.ok("POST", "/contacts", `{"external_id":"into","phone":"+15550100"}`).text("id")
		return from, `{"from":"` + from + `","into":"` + into + `"}`
	}
	const roles = "Merging can only be performed on a lead into a user"
	for name, options := range map[string]Options{
		"not rolled out": {Contacts: -1, NoUserMerges: true}, "without Preview": {Contacts: -1, NoPreview: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCaller(t, options).in("Preview")
			_, body := merge(c)
			c.refused("POST", "/contacts/merge", body, 400, "invalid_merge", roles)
			if options.NoPreview {
				return
			}
			blocked := c.ok("POST", "/contacts/merge/preview", body)
			if code := blocked.text("reasons.0.code"); code != "invalid_merge_role_pair" {
				t.Errorf("preview: %s", blocked.body)
			}
		})
	}
	c := newCaller(t, Options{Contacts: -1}).in("Preview")
	from, body := merge(c)
	c.in("2.17").refused("POST", "/contacts/merge", body, 400, "invalid_merge", roles)
	c.LinkWhatsApp(from)
	c.refused("POST", "/contacts/merge", body, 422, "unprocessable_entity",
		"A user with WhatsApp data can't be merged into another user yet")
	if blocked := c.ok("POST", "/contacts/merge/preview",
		body); blocked.text("reasons.0.code") != "source_has_whatsapp_data" {
		t.Errorf("preview: %s", blocked.body)
	}
	skipping := body[:len(body)-1] + `,"skip_duplicate_validation":true}`
	c.refused("POST", "/contacts/merge/preview", skipping, 400, "parameter_not_allowed",
		"skip_duplicate_validation is not allowed when merging two users")
	plain := newCaller(t, Options{Contacts: -1}).in("Preview")
	if _, body = merge(plain); plain.ok("POST", "/contacts/merge/preview", body).at("allowed") != true {
		t.Error("the preview refuses what the merge does")
	}
	if got := plain.ok("POST", "/contacts/merge", body).text("name"); got != "Jo" {
		t.Errorf("the name is %q", got)
	}
}

// TestMergeChain holds that a merged contact leads to the one at the end, and
// the pages of its history.
func TestMergeChain(t *testing.T) {
	c := newCaller(t, Options{})
	var target string
	for _, contact := range c.Contacts() {
		if contact.MergedInto == "" {
			continue
		}
		link := c.do("GET", "/contacts/"+contact.ID, "").header.Get("Link")
		if target == "" {
			target = link
		}
		if link == "" || link != target {
			t.Errorf("%s leads to %q, another to %q", contact.ID, link, target)
		}
	}
	id := target[len("</contacts/") : len("</contacts/")+24]
	first := c.ok("GET", "/contacts/"+id+"/merge_history?per_page=1&order=asc", "")
	second := c.ok("GET", "/contacts/"+id+"/merge_history?per_page=1&order=asc&cursor="+first.text("next_cursor"), "")
	if first.at("has_more") != true || first.text("data.0.source_contact_role") != "lead" ||
		second.at("has_more") != false || second.text("data.0.source_contact_role") != "user" ||
		second.at("next_cursor") != nil {
		t.Errorf("history %s then %s", first.body, second.body)
	}
	lead := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	c.refused("GET", "/contacts/"+lead+"/merge_history", "", 404, "not_found", "Contact not found")
}

// TestMergeHistory holds its order where the contact that goes took others over before, and that a cursor of no entry
// is refused.
func TestMergeHistory(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1}).in("Preview")
	created := func(role, id string) string {
		body := `{"role":"` + role + `","email":"a@mail.example"` + id + `}`
		return c.ok("POST", "/contacts", body).text("id")
	}
	first, second := created("lead", ""), created("lead", "")
	from, into := created("user", `,"external_id":"from"`), created("user", `,"external_id":"into"`)
	for _, merge := range [][2]string{{first, from}, {second, into}, {from, into}} {
		c.Advance(time.Minute)
		c.ok("POST", "/contacts/merge", `{"from":"`+merge[0]+`","into":"`+merge[1]+`"}`)
	}
	history := c.ok("GET", "/contacts/"+into+"/merge_history?order=asc", "")
	for i, want := range []string{first, second, from} {
		if got := history.text(fmt.Sprintf("data.%d.source_contact_id", i)); got != want {
			t.Errorf("entry %d is %s, want %s", i, got, want)
		}
	}
	none := cursor{nil, "nobody", 2}.encode()
	c.refused("GET", "/contacts/"+into+"/merge_history?cursor="+none, "", 400, "client_error", errBadCursor.message)
}

// TestMergePreview holds what a preview tells, and that it changes nothing.
func TestMergePreview(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1}).in("Preview")
	lead := c.ok("POST", "/contacts", `{"role":"lead","email":"a@mail.example","name":"Jo","phone":"+15550100",`+
		`"custom_attributes":{"plan":"pro"}}`).text("id")
	user := c.ok("POST", "/contacts", `{"email":"a@mail.example","phone":"+15550199"}`).text("id")
	firms := c.Companies()
	c.ok("POST", "/contacts/"+lead+"/companies", `{"id":"`+firms[1].ID+`"}`)
	c.ok("POST", "/contacts/"+user+"/companies", `{"id":"`+firms[0].ID+`"}`)
	c.ok("POST", "/contacts/"+lead+"/tags", `{"id":"7522901"}`)
	before := c.Snapshot()
	a := c.ok("POST", "/contacts/merge/preview", `{"from":"`+lead+`","into":"`+user+`"}`)
	want := []any{
		map[string]any{"field": "name", "outcome": "adopted", "from_value": "Jo", "new_into_value": "Jo"},
		map[string]any{"field": "phone", "outcome": "discarded", "from_value": "+15550100", "into_value": "+15550199",
			"new_into_value": "+15550199"},
		map[string]any{"field": "custom_attributes.plan", "outcome": "adopted", "from_value": "pro", "new_into_value": "pro"},
		map[string]any{
			"field": "companies", "outcome": "merged", "from_value": []any{firms[1].Name}, "into_value": []any{firms[0].Name},
			"new_into_value": []any{firms[0].Name, firms[1].Name},
		},
	}
	if diff := cmp.Diff(want, a.at("summary.attribute_changes.attributes")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := a.number("summary.reassignments.tags.from"); got != 1 {
		t.Errorf("%d tags would move", got)
	}
	if !bytes.Equal(before, c.Snapshot()) {
		t.Error("a preview changes the workspace")
	}
}
