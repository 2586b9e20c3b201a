package engine

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestStates judges each kind of part by what was there, what was written, and what is there now.
func TestStates(t *testing.T) {
	tag, company := change.Ref{ID: "7", Name: "VIP"}, change.Ref{ID: "c1", Name: "Acme"}
	one := func(field string, written any) change.Patch { return change.Patch{Set: map[string]any{field: written}} }
	holds := func(field string, value any) change.Image { return change.Image{Set: map[string]any{field: value}} }
	for name, test := range map[string]struct {
		patch       change.Patch
		before, now change.Image
		want        state
		moved       bool
	}{
		"written":     {one("name", "B"), holds("name", "A"), holds("name", "B"), shows, true},
		"not written": {one("name", "B"), holds("name", "A"), holds("name", "A"), missing, false},
		"altered":     {one("name", "B"), holds("name", "A"), holds("name", "C"), altered, true},
		"trimmed":     {one("name", " B "), holds("name", "A"), holds("name", "B"), shows, true},
		"as before":   {one("name", "A"), holds("name", "A"), holds("name", "A"), shows, false},
		"cleared":     {one("name", nil), holds("name", "A"), holds("name", nil), shows, true},
		"not cleared": {one("name", nil), holds("name", "A"), holds("name", "A"), missing, false},
		"a time of a field": {one("signed_up_at", json.Number("90000")), holds("signed_up_at", json.Number("5")),
			holds("signed_up_at", json.Number("86400")), shows, true},
		"no time": {one("size", json.Number("90000")), holds("size", json.Number("5")),
			holds("size", json.Number("86400")), altered, true},
		"tag put on": {change.Patch{AddTags: []change.Ref{tag}}, change.Image{},
			change.Image{Tags: []string{"7"}}, shows, true},
		"tag not put on": {change.Patch{AddTags: []change.Ref{tag}}, change.Image{},
			change.Image{Tags: []string{"8"}}, missing, false},
		"tag that was there": {change.Patch{AddTags: []change.Ref{tag}}, change.Image{Tags: []string{"7"}},
			change.Image{Tags: []string{"7"}}, shows, false},
		"tag that went": {change.Patch{AddTags: []change.Ref{tag}}, change.Image{Tags: []string{"7"}},
			change.Image{}, missing, true},
		"tag taken off": {change.Patch{RemoveTags: []change.Ref{tag}}, change.Image{Tags: []string{"7"}},
			change.Image{}, shows, true},
		"tag not taken off": {change.Patch{RemoveTags: []change.Ref{tag}}, change.Image{Tags: []string{"7"}},
			change.Image{Tags: []string{"7"}}, missing, false},
		"company attached": {change.Patch{AddCompanies: []change.Ref{company}}, change.Image{},
			change.Image{Companies: []string{"c1"}}, shows, true},
		"company not attached": {change.Patch{AddCompanies: []change.Ref{company}}, change.Image{},
			change.Image{Tags: []string{"c1"}}, missing, false},
		"company detached": {change.Patch{RemoveCompanies: []change.Ref{company}},
			change.Image{Companies: []string{"c1"}}, change.Image{}, shows, true},
		"company not detached": {change.Patch{RemoveCompanies: []change.Ref{company}},
			change.Image{Companies: []string{"c1"}}, change.Image{Companies: []string{"c1"}}, missing, false},
		"company that came meantime": {change.Patch{RemoveCompanies: []change.Ref{company}}, change.Image{},
			change.Image{Companies: []string{"c1"}}, missing, true},
	} {
		t.Run(name, func(t *testing.T) {
			item := &change.Item{Patch: test.patch, Before: test.before}
			got := states(item, test.now)
			if len(got) != 1 || got[0].state != test.want || got[0].moved != test.moved {
				t.Errorf("%+v, want state %d, moved %t", got, test.want, test.moved)
			}
		})
	}
	if got := states(&change.Item{Patch: change.Patch{Op: change.Archive, Note: &change.Note{}}},
		change.Image{}); len(got) > 0 {
		t.Errorf("the record as a whole and notes are judged by fields: %+v", got)
	}
	dated := &change.Item{Patch: change.Patch{Set: map[string]any{"custom_attributes.day": json.Number("90000")},
		Dates: []string{"custom_attributes.day"}}}
	if got := states(dated, holds("custom_attributes.day", json.Number("86400"))); got[0].state != shows {
		t.Errorf("a date that Intercom cut to its day: %+v", got)
	}
}

// TestJudgeParts gives an item each outcome by its parts, and says why.
func TestJudgeParts(t *testing.T) {
	refused := upstream(http.StatusBadRequest, "no such owner")
	lost := lostAnswer(t)
	unsure := func(status int) error { return failedWrite(t, sandbox.Fault{Status: status}) }
	name := map[string]any{"name": "B", "phone": "+1"}
	before := change.Image{Set: map[string]any{"name": "A", "phone": nil}}
	now := func(name, phone any) change.Image {
		return change.Image{Set: map[string]any{"name": name, "phone": phone}}
	}
	for _, test := range []struct {
		what    string
		op      change.Operation
		now     change.Image
		sent    error
		want    change.Outcome
		code    toolerr.Code
		reason  string
		missing []string
	}{
		{"all shows", "", now("B", "+1"), nil, change.Changed, "", "", nil},
		{"all shows, though refused", "", now("B", "+1"), refused, change.Changed, "", "", nil},
		{"some shows", "", now("B", nil), nil, change.Partly, toolerr.InvalidArgument,
			"Intercom accepted it, but reading back does not show phone", []string{"phone"}},
		{"some shows, refused", "", now("B", nil), refused, change.Partly, toolerr.InvalidArgument,
			"not shown: phone. no such owner", []string{"phone"}},
		{"some shows, some is altered", "", now("B", "+2"), nil, change.Partly, toolerr.InvalidArgument,
			"phone (which holds another value now)", []string{"phone"}},
		{"none shows", "", now("A", nil), nil, change.Failed, toolerr.InvalidArgument,
			"Intercom accepted it, but reading back does not show name, phone", nil},
		{"none shows, refused", "", now("A", nil), refused, change.Failed, toolerr.InvalidArgument, "no such owner", nil},
		{"none shows, answer lost", "", now("A", nil), lost, change.Unknown, toolerr.OutcomeUnknown, "does not show it yet",
			nil},
		{"some shows, answer lost", "", now("B", nil), lost, change.Partly, toolerr.OutcomeUnknown,
			"not shown: phone. no answer", []string{"phone"}},
		{"none shows, after a timeout", "", now("A", nil), unsure(http.StatusGatewayTimeout), change.Unknown,
			toolerr.OutcomeUnknown, "does not show it yet", nil},
		{"none shows, after an error", "", now("A", nil), unsure(http.StatusInternalServerError), change.Failed,
			toolerr.UpstreamUnavailable, "took no effect", nil},
		{"none shows, one is altered", "", now("C", nil), nil, change.Unknown, toolerr.OutcomeUnknown,
			"name (which holds another value now), phone", nil},
		{"none shows, one is altered, answer lost", "", now("C", nil), lost, change.Unknown, toolerr.OutcomeUnknown,
			"name (which holds another value now), phone", nil},
		{"new, all shows", change.Create, now("B", "+1"), nil, change.Changed, "", "", nil},
		{"new, none shows", change.Create, now("A", nil), nil, change.Partly, toolerr.InvalidArgument,
			"does not show name, phone", []string{"name", "phone"}},
		{"new, one is altered", change.Create, now("C", nil), refused, change.Partly, toolerr.InvalidArgument,
			"not shown: name (which holds another value now), phone. no such owner", []string{"name", "phone"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			item := change.Item{Patch: change.Patch{Op: test.op, Set: name}, Before: before}
			j := newJudge(&change.Change{Items: []change.Item{{}, item}}, plain{})
			r := j.outcome(t.Context(), 1, test.now, test.sent, nil)
			if r.Index != 1 || r.Outcome != test.want || r.Code != string(test.code) ||
				!strings.Contains(r.Reason, test.reason) || test.reason == "" && r.Reason != "" {
				t.Errorf("%+v", r)
			}
			if diff := cmp.Diff(test.missing, r.Missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnchanged tells an item that shows what it showed before: it was sent, and made no difference, unless the sending
// failed.
func TestUnchanged(t *testing.T) {
	item := change.Item{Patch: change.Patch{Set: map[string]any{"name": "A "}},
		Before: change.Image{Set: map[string]any{"name": "A"}}}
	j := newJudge(&change.Change{Items: []change.Item{item}}, plain{})
	if r := j.outcome(t.Context(), 0, item.Before, nil, nil); r.Outcome != change.Unchanged || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	if r := j.outcome(t.Context(), 0, item.Before, lostAnswer(t), nil); r.Outcome != change.Unchanged {
		t.Errorf("after a lost answer: %+v", r)
	}
	if r := j.outcome(t.Context(), 0, item.Before, upstream(http.StatusBadRequest, "bad"),
		nil); r.Outcome != change.Failed || r.Reason != "bad" {
		t.Errorf("refused: %+v", r)
	}
	tagged := change.Item{Patch: change.Patch{AddTags: refs("1")}, Before: change.Image{Tags: []string{"1"}}}
	j.change.Items = []change.Item{tagged}
	if r := j.outcome(t.Context(), 0, tagged.Before, upstream(http.StatusBadRequest, "bad"),
		nil); r.Outcome != change.Unchanged {
		t.Errorf("a tag that was there: %+v", r)
	}
	j.change.Items = []change.Item{item}
	j.change.Items[0].Patch.Op = change.Create
	if r := j.outcome(t.Context(), 0, item.Before, nil, nil); r.Outcome != change.Changed {
		t.Errorf("created: %+v", r)
	}
}

// TestSilent tells nothing of a zero where nothing was, and nothing is shown: it may have been written, unless it was
// refused, or another part shows.
func TestSilent(t *testing.T) {
	size := change.Item{Patch: change.Patch{Op: change.SaveCompany, Set: map[string]any{"size": json.Number("0")}}}
	named := change.Item{Patch: change.Patch{Op: change.SaveCompany, Set: map[string]any{"size": json.Number("0"),
		"name": "B"}}, Before: change.Image{Set: map[string]any{"name": "A"}}}
	same := named
	same.Before = change.Image{Set: map[string]any{"name": "B"}}
	founded := change.Item{Patch: change.Patch{Op: change.CreateCompany, Set: map[string]any{"size": json.Number("0")}}}
	refused, lost := upstream(http.StatusBadRequest, "bad"), lostAnswer(t)
	for what, test := range map[string]struct {
		item    change.Item
		name    any
		sent    error
		want    change.Outcome
		missing []string
	}{
		"accepted":                 {size, nil, nil, change.Unknown, nil},
		"lost":                     {size, nil, lost, change.Unknown, nil},
		"refused":                  {size, nil, refused, change.Failed, nil},
		"with a name that shows":   {named, "B", nil, change.Partly, []string{"company.size"}},
		"with a name that was so":  {same, "B", nil, change.Partly, []string{"company.size"}},
		"with a name that failed":  {named, "A", nil, change.Unknown, nil},
		"with a name, refused":     {named, "A", refused, change.Failed, nil},
		"with a name of another's": {named, "C", nil, change.Unknown, nil},
		"of a new company":         {founded, nil, nil, change.Partly, []string{"company.size"}},
	} {
		j := newJudge(&change.Change{Items: []change.Item{test.item}}, plain{})
		r := j.outcome(t.Context(), 0, change.Image{Set: map[string]any{"size": nil, "name": test.name}}, test.sent, nil)
		if diff := cmp.Diff(test.missing, r.Missing); r.Outcome != test.want || diff != "" {
			t.Errorf("%s: %+v\n%s", what, r, diff)
		}
		if test.want == change.Unknown && test.name == nil &&
			(r.Reason != "size may well hold 0, for which Intercom shows nothing; leave it, or set another value" ||
				r.Facts["check_with"] != nil) { // no tool tells more
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// TestUnreadable decides about items that cannot be read back.
func TestUnreadable(t *testing.T) {
	refused, gone, down := upstream(http.StatusBadRequest, "bad"), upstream(http.StatusNotFound, "gone"),
		upstream(http.StatusServiceUnavailable, "down")
	lost := lostAnswer(t)
	const check = ". Check with get_contact before repeating it."
	for _, test := range []struct {
		what       string
		sent, read error
		want       change.Outcome
		code       toolerr.Code
		reason     string
	}{
		{"refused, and gone", refused, gone, change.Failed, toolerr.InvalidArgument, "bad"},
		{"lost, and gone", lost, gone, change.Unknown, toolerr.OutcomeUnknown,
			"it may have been written, and then: gone" + check},
		{"not sent, and gone", down, gone, change.Failed, toolerr.NotFound, "gone"},
		{"gone", nil, gone, change.Unknown, toolerr.OutcomeUnknown, "Intercom accepted it, and then: gone" + check},
		{"unreadable", nil, down, change.Unknown, toolerr.OutcomeUnknown, "it could not be read back: down" + check},
		{"refused, and unreadable", refused, down, change.Failed, toolerr.InvalidArgument, "bad"},
		{"lost, and unreadable", lost, down, change.Unknown, toolerr.OutcomeUnknown,
			"no answer. It could not be read back: down" + check},
	} {
		t.Run(test.what, func(t *testing.T) {
			j := newJudge(&change.Change{Items: []change.Item{{Patch: change.Patch{Set: map[string]any{"name": "B"}}}}}, plain{})
			r := j.outcome(t.Context(), 0, change.Image{}, test.sent, test.read)
			if r.Outcome != test.want || r.Code != string(test.code) || r.Reason != test.reason {
				t.Errorf("%+v", r)
			}
			if test.want == change.Unknown && r.Facts["check_with"] != "get_contact" {
				t.Errorf("facts: %v", r.Facts)
			}
		})
	}
}

// TestWhereMerged finds into whom a contact was merged.
func TestWhereMerged(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	if got := whereMerged(upstream(http.StatusNotFound, "gone")); got != "" {
		t.Errorf("gone: %q", got)
	}
	if got := whereMerged(errors.New("boom")); got != "" {
		t.Errorf("no error of Intercom's: %q", got)
	}
	from, into := f.lead().ID, f.user(1).ID
	if _, err := f.client.Contacts.Merge(t.Context(),
		intercom.Merge{From: from, Into: into, SkipDuplicateCheck: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.Contacts.Get(t.Context(), from); whereMerged(err) != into {
		t.Errorf("%v: merged into %q", err, whereMerged(err))
	}
}
