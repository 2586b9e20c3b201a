package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/toolerr"
)

// everybody are arguments of bulk_update_contacts.
func everybody() object {
	return object{"where": []object{{"field": "role", "operator": "=", "value": "user"}}, "set": object{"name": "New"}}
}

// pageOf answers a search with new contacts, and leads on for ever.
func pageOf(page, rows, total int) string {
	var data []string
	for i := range rows {
		data = append(data, fmt.Sprintf(`{"id":"%024x","role":"user","name":"Old"}`, page*1000+i))
	}
	return fmt.Sprintf(`{"type":"list","data":[%s],"total_count":%d,"pages":{"next":{"starting_after":"%d"}}}`,
		strings.Join(data, ","), total, page)
}

// searches answers every search so, after a while, and counts them.
func searches(rw *rewriter, after time.Duration, answer func(page int) string) (pages *int) {
	pages = new(int)
	rw.set(func(_, path string) (int, string) {
		if path != "/contacts/search" {
			return 0, ""
		}
		*pages++
		time.Sleep(after)
		return 200, answer(*pages)
	})
	return pages
}

// Intercom tells on its first page how many there are: too many are refused by that.
func TestTooManyByTheFirstPage(t *testing.T) {
	w, rw := withAnswers(t)
	pages := searches(rw, 0, func(page int) string { return pageOf(page, 150, 100_000) })
	got := w.refused(toolerr.PolicyDenied, "bulk_update_contacts", everybody())
	if !strings.Contains(got.Error(), "100000 contacts match; the limit for one change is 10000.") || *pages != 1 {
		t.Errorf("after %d pages: %v", *pages, got)
	}
}

// A list that leads on with a contact a page is given up soon, and so is one whose pages take long: the error says how
// far it got. Whoever wants to know of progress is told.
func TestPlanningEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, rw := withAnswers(t)
		pages := searches(rw, 0, func(page int) string { return pageOf(page, 1, 9000) })
		got := w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", everybody())
		if !strings.Contains(got.Error(), "does not advance") || *pages > 25 {
			t.Errorf("after %d pages: %v", *pages, got)
		}
		searches(rw, 4*time.Second, func(page int) string { return pageOf(page, 150, 9000) })
		var looked []int
		start := time.Now()
		got = w.refused(toolerr.Busy, "bulk_update_contacts", everybody(), func(c *Call) {
			c.Progress = func(p Progress) { looked = append(looked, p.Looked) }
		})
		if took := time.Since(start); took > planFor+5*time.Second || !strings.Contains(got.Error(),
			"took more than 90 s, and looked at 3450 contacts so far. Nothing was changed.") || len(looked) != 23 ||
			looked[22] != 3450 {
			t.Errorf("after %v: %v; progress %v", took, got, looked)
		}
		start = time.Now()
		got = w.refused(toolerr.Busy, "bulk_update_contacts", everybody()) // whose client sees no progress
		if took := time.Since(start); took > callTime+5*time.Second ||
			!strings.Contains(got.Error(), "took more than 25 s, and looked at") {
			t.Errorf("after %v: %v", took, got)
		}
		if writes := w.writes(); len(writes) > 0 {
			t.Errorf("%v was written", writes)
		}
	})
}

// Many companies with few people are no list that does not advance.
func TestBulkOfSmallCompanies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var companies []string
	for i := range 25 {
		key := fmt.Sprintf("company_id:small-%d", i)
		made := w.do("save_company", object{"company": key, "set": object{"name": fmt.Sprintf("Small %d", i)}})
		w.do("confirm_change", object{"change": made["change"]})
		w.settled("attach_company", object{"contacts": []string{w.user(i).ID}, "company": key})
		companies = append(companies, key)
	}
	answer := w.settled("bulk_update_contacts", object{"set": object{"name": "Small"}, "where": []object{{
		"field": "company", "operator": "IN", "values": companies}}})
	if answer["changed"] != 25.0 {
		t.Errorf("got %v", answer)
	}
}

// Reading goes on where the page ends, and an export is given up.
func TestReadingOfThinPages(t *testing.T) {
	w, rw := withAnswers(t)
	pages := searches(rw, 0, func(page int) string { return pageOf(page, 1, 9000) })
	where := object{"where": everybody()["where"]}
	if answer := w.do("search_contacts", where); answer["next_cursor"] == nil || *pages > 10 {
		t.Errorf("after %d pages: %v", *pages, answer)
	}
	*pages = 0
	exported, err := w.ExportContacts(t.Context(), Call{Principal: "local"},
		ContactExport{Search: encoded(t, where), Fields: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range exported.Rows {
	}
	if err == nil || !strings.Contains(err.Error(), "does not advance") || *pages > 25 {
		t.Errorf("after %d pages: %v", *pages, err)
	}
}
