package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

// TestImportDamagedCells names cells that a spreadsheet has damaged, and what else cannot be read, with what to do; and
// reads those that only look so.
func TestImportDamagedCells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := w.user(0)
	const number = "was shortened by a spreadsheet. Format the column as a number without decimals"
	for column, cells := range map[string]map[string]string{
		"phone": {"4.41E+11": "which took the phone for a number", "441e10": "which took the phone for a number"},
		"external_id": {"4.41E+11": "which took the external_id for a number. Format the column as text",
			"4,41E+11": "took the external_id", "1E+05": "took the external_id", "12e4": "", "E+5": "", "4.41E+11x": ""},
		"seats":        {"1.23E+11": number, "-4E+12": number, "1E3": "", "12": "", " 7 ": "", "1e3": ""},
		"health_score": {"1.23457E+14": number, "1,23E+14": number, "1.5E-05": ""},
		"renewal_date": {"46000": `"46000" is a date as a spreadsheet numbers it. Format the column as dates`,
			"46000.75": "as a spreadsheet numbers it", "now": `"now" is no date. Write it as 2027-12-31 or`,
			"-90d": `"-90d" is no date. Write it as`, "20271231": "is no date", "31.12.27": "is no date",
			"2027-02-30": "is no date", "2027-12-31 10:00": "", "2027-12-31 10:00:05": "", "2027-12-31": ""},
	} {
		for cell, want := range cells {
			planned, err := w.PlanImport(t.Context(), Call{Principal: policy.LocalPrincipal, CanAsk: true, ByHand: "import"},
				Import{Titles: []string{"id", column}, Match: "id", Rows: []ImportRow{{2, []string{known.ID, cell}}}})
			if err != nil {
				t.Fatal(err)
			}
			told := ""
			for _, bad := range planned.Bad {
				told += bad.Text
			}
			if !strings.Contains(told, want) || want == "" && told != "" {
				t.Errorf("%s %q: %q, want %q", column, cell, told, want)
			}
		}
	}
}

// TestImportUnseen shows what cannot be seen in the cell that finds a contact, and refuses an id that was damaged.
func TestImportUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for field, keys := range map[string][2]string{
		"email":       {"\u200bann@acme.example", `"\u200bann@acme.example" is no e-mail address`},
		"id":          {"\u202e" + w.user(0).ID, `"\u202e` + w.user(0).ID + `" is no id`},
		"external_id": {"4.41E+11", "which took the external_id for a number"},
	} {
		if planned := w.planNames(field, keys[0]); !strings.Contains(fmt.Sprint(planned.Bad), keys[1]) {
			t.Errorf("%s: %+v", field, planned.Bad)
		}
	}
}

// TestImportLists names each name of a list that there is not by itself, and reads over blanks.
func TestImportLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := w.user(0)
	for cell, want := range map[string][]string{
		",VIP, ": nil, " , ": nil, "VIP": nil, ",": nil,
		"Nope1,VIP,Nope2": {`2 tags: There is no tag "Nope1".`, `2 tags: There is no tag "Nope2".`},
		`a"b`:             {`2 tags: "a\"b" is no list.`},
	} {
		planned, err := w.PlanImport(t.Context(), Call{Principal: policy.LocalPrincipal, CanAsk: true, ByHand: "import"},
			Import{Titles: []string{"id", "tags"}, Match: "id", Rows: []ImportRow{{2, []string{known.ID, cell}}}})
		if err != nil {
			t.Fatal(err)
		}
		for i, bad := range planned.Bad {
			told := fmt.Sprintf("%d %s: %s", bad.Line, bad.Column, bad.Text)
			if i >= len(want) || !strings.HasPrefix(told, want[i]) {
				t.Errorf("%q: %q, want %q", cell, told, want)
			}
		}
		if len(planned.Bad) != len(want) {
			t.Errorf("%q: %d are wrong, want %q", cell, len(planned.Bad), want)
		}
	}
}
