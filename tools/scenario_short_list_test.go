package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// listEnd answers with so many rows of a kind, a total, and the rest of the object.
func listEnd(rows, total int, row, rest string) string {
	var data []string
	for i := range rows {
		data = append(data, fmt.Sprintf(row, i))
	}
	return fmt.Sprintf(`{"type":"list","data":[%s],"total_count":%d%s}`, strings.Join(data, ","), total, rest)
}

const (
	contactRow = `{"id":"c%d","role":"user","name":"Old"}`
	noteRow    = `{"id":"n%d","body":"<p>Called</p>","created_at":1700000000}`
)

// listEnds are the ways in which a page may lead nowhere.
var listEnds = []string{``, `,"pages":{}`, `,"pages":null`, `,"pages":{"next":null}`, `,"pages":{"next":""}`,
	`,"pages":{"next":{}}`, `,"pages":{"next":{"starting_after":null}}`}

// noted makes a call that must succeed with a note.
func (w *world) noted(want, tool string, args any) object {
	w.t.Helper()
	answer := w.do(tool, args)
	if note, _ := answer["note"].(string); !strings.Contains(note, want) || answer["next_cursor"] != nil {
		w.t.Errorf("%s: %q is not noted: %v", tool, want, answer)
	}
	return answer
}

// A list that ends before the rows that it promised is not taken for whole: nothing is written by it, and who reads it
// is told.
func TestShortLists(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t, inMode(policy.ModeFull))
	company := w.sandbox.Contacts()[0].CompanyIDs
	for _, c := range w.sandbox.Contacts() {
		if company = c.CompanyIDs; len(company) > 0 {
			break
		}
	}
	ann := w.user(0).ID
	where := everybody()["where"]
	inCompany := []object{{"field": "company", "operator": "=", "value": company[0]}}
	for _, end := range listEnds {
		rw.set(func(_, path string) (int, string) {
			switch path {
			case "/contacts/search", "/companies/" + company[0] + "/contacts":
				return 200, listEnd(50, 508, contactRow, end)
			case "/contacts/" + ann + "/notes":
				return 200, listEnd(2, 9, noteRow, end)
			case "/companies/list":
				return 200, listEnd(2, 9, `{"id":"k%d","name":"Acme"}`, end)
			}
			return 0, ""
		})
		for _, args := range []object{everybody(), {"where": inCompany, "set": object{"name": "New"}}} {
			got := w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", args)
			if !strings.Contains(got.Error(), "promised 508 rows and ended after 50") {
				t.Errorf("%s: %v", end, got)
			}
		}
		w.noted("cut short", "search_contacts", object{"where": where, "limit": 50})
		w.noted("cut short", "search_contacts", object{"where": where, "count_by": []string{"role"}})
		w.noted("cut short", "list_company_contacts", object{"company": company[0], "limit": 50})
		w.noted("cut short", "list_notes", object{"contact": ann})
		w.noted("cut short", "find_companies", object{})
		w.noted("cut short", "find_companies", object{"query": "acme"})
	}
	if writes := w.writes(); len(writes) > 0 {
		t.Errorf("%v was written", writes)
	}
}

// The first of several companies may be the one whose list is cut short, and the second page of a list the last.
func TestShortLaterPages(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t, inMode(policy.ModeFull))
	pages := searches(rw, 0, func(page int) string {
		if page%2 == 1 {
			return listEnd(20, 90, contactRow, `,"pages":{"next":{"starting_after":"x"}}`)
		}
		return listEnd(20, 90, `{"id":"d%d","role":"user"}`, ``)
	})
	where := everybody()["where"]
	first := w.do("search_contacts", object{"where": where})
	w.noted("cut short", "search_contacts", object{"where": where, "cursor": first["next_cursor"]})
	*pages = 0
	got := w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", everybody())
	if !strings.Contains(got.Error(), "promised 90 rows and ended after 40") {
		t.Error(got)
	}
	var companies []string
	for _, c := range w.sandbox.Contacts() {
		if len(c.CompanyIDs) > 1 {
			companies = c.CompanyIDs[:2]
			break
		}
	}
	rw.set(for1("GET", "/companies/"+companies[0]+"/contacts", 200, listEnd(3, 90, contactRow, "")))
	got = w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", object{"set": object{"name": "New"},
		"where": []object{{"field": "company", "operator": "IN", "values": companies}}})
	if !strings.Contains(got.Error(), "promised 90 rows and ended after 3") {
		t.Error(got)
	}
}

// A list that counts contacts and gives none of them does not say that nobody meets the conditions.
func TestCountedAndNotGiven(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t, inMode(policy.ModeFull))
	for _, total := range []int{1, 5} {
		rw.set(for1("POST", "/contacts/search", 200, listEnd(0, total, "", "")))
		got := w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", everybody())
		if !strings.Contains(got.Error(), "its index may be behind") {
			t.Error(got)
		}
		w.noted("its index may be behind", "search_contacts", object{"where": everybody()["where"]})
	}
}

// A row whose id is none that Intercom gives out is left out with a note, as one without an id is.
func TestOddIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{`../companies/1`, `c1\n`, `c 1`, `c1?x`} {
		w, rw := withAnswers(t, inMode(policy.ModeFull))
		ann := w.user(0).ID
		rw.set(for1("POST", "/contacts/search", 200, fmt.Sprintf(
			`{"type":"list","data":[{"id":"%s","role":"user"},{"id":%q,"role":"user"}],"total_count":2}`, id, ann)))
		answer := w.noted("data[0].id is not an id, so it is left out", "search_contacts",
			object{"where": everybody()["where"]})
		if rows, _ := answer["rows"].([]any); len(rows) != 1 {
			t.Errorf("%s: %v", id, answer)
		}
		receipt := w.settled("bulk_update_contacts", everybody())
		if receipt["changed"] != 1.0 || w.user(0).Name != "New" {
			t.Errorf("%s: %v", id, receipt)
		}
	}
}
