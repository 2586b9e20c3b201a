package tools

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

// oddRead is a call of a tool that reads.
type oddRead struct {
	tool string
	args func(w *world) object
}

// oddReads are the tools that take arguments to read Intercom; the others are called without.
var oddReads = []oddRead{
	{"get_contact", func(w *world) object {
		return object{"contact": w.user(0).ID, "include": []string{"notes", "segments", "all_fields"}}
	}},
	{"search_contacts", func(*world) object {
		return object{"where": []object{{"field": "role", "operator": "=", "value": "user"}}, "limit": 3,
			"fields": []string{"tags", "companies", "owner"}}
	}},
	{"list_notes", func(w *world) object { return object{"contact": w.user(0).ID} }},
	{"get_company", func(w *world) object { return object{"company": w.sandbox.Companies()[0].ID} }},
	{"list_company_contacts", func(w *world) object { return object{"company": w.sandbox.Companies()[0].ID} }},
}

// TestOddKeys calls the tools that read Intercom while one key of one answer is odd: they answer with the rest, or with
// an error that names the key or says that there is no list; a list is never empty for it.
func TestOddKeys(t *testing.T) {
	t.Parallel()
	reads := slices.Clone(oddReads)
	for _, tool := range Catalogue() {
		own := tool.Name == "list_changes" || tool.Name == "get_change" // which read no answers of Intercom's
		if tool.Effect == policy.Read && !own &&
			!slices.ContainsFunc(reads, func(r oddRead) bool { return r.tool == tool.Name }) {
			reads = append(reads, oddRead{tool.Name, func(*world) object { return object{} }})
		}
	}
	for _, read := range reads {
		t.Run(read.tool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, read.sweep)
		})
	}
}

func (r oddRead) sweep(t *testing.T) {
	s := newOddSweep(t, policy.ModeRead)
	defer s.close()
	s.set(oddKey{}, true)
	w := s.world("Preview") // which has the most keys
	good := w.try(r.tool, r.args(w))
	if good.Err != nil {
		t.Fatal(good.Err)
	}
	s.each(false, func(w *world, odd oddKey) bool {
		s.set(odd, false)
		start := time.Now()
		got := w.try(r.tool, r.args(w))
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%v took %v", odd, took)
		}
		if len(got.JSON) > 100_000 {
			t.Errorf("%v: the answer has %d bytes", odd, len(got.JSON))
		}
		switch {
		case got.Err != nil && !namesOddKey(got.Err.Error(), odd.path):
			t.Errorf("%v: %s: %v", odd, got.Err.Code, got.Err)
		case got.Err == nil && rowsOf(t, good) > 0 && rowsOf(t, got) == 0 && !strings.HasPrefix(odd.value, "[]"):
			t.Errorf("%v: an empty list: %s", odd, got.JSON)
		}
		_, noticed := told(got)
		return noticed
	})
}

// rowsOf counts the rows of an answer, -1 without any.
func rowsOf(t *testing.T, got Result) int {
	t.Helper()
	var table struct {
		Rows []any `json:"rows"`
	}
	if got.JSON == nil || json.Unmarshal(got.JSON, &table) != nil || !bytes.Contains(got.JSON, []byte(`"rows"`)) {
		return -1
	}
	return len(table.Rows)
}
