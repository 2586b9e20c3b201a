package engine

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestDefinitive tells Intercom's own no from answers after which nobody knows.
func TestDefinitive(t *testing.T) {
	lost := lostAnswer(t)
	for _, test := range []struct {
		err                 error
		unknown, definitive bool
	}{
		{lost, true, false},
		{upstream(http.StatusServiceUnavailable, "down"), false, false},
		{upstream(http.StatusBadRequest, "bad"), false, true},
		{upstream(http.StatusTooManyRequests, "later"), false, true},
		{errors.Join(lost, upstream(http.StatusBadRequest, "bad")), true, false},
	} {
		if outcomeUnknown(test.err) != test.unknown || isDefinitive(test.err) != test.definitive {
			t.Errorf("%v: unknown %t, definitive %t", test.err, outcomeUnknown(test.err), isDefinitive(test.err))
		}
	}
}

// TestSentTwice keeps the doubt about a request where the same is sent once more, unless Intercom refuses it.
func TestSentTwice(t *testing.T) {
	lost := lostAnswer(t)
	for _, test := range []struct {
		first, second error
		late          bool
	}{
		{lost, failedWrite(t, sandbox.Fault{Status: http.StatusInternalServerError}), true},
		{lost, upstream(http.StatusTooManyRequests, "later"), true},
		{lost, upstream(http.StatusServiceUnavailable, "down"), true},
		{lost, upstream(http.StatusBadRequest, "bad"), false},
		{lost, nil, false},
		{nil, failedWrite(t, sandbox.Fault{Status: http.StatusGatewayTimeout}), true},
		{nil, failedWrite(t, sandbox.Fault{Status: http.StatusBadGateway}), false},
		{nil, upstream(http.StatusServiceUnavailable, "down"), false},
		{nil, upstream(http.StatusGatewayTimeout, "slow"), false}, // of a request that wrote nothing
	} {
		if err := sentTwice(test.first, test.second); mayLandLate(err) != test.late || (err == nil) != (test.second == nil) {
			t.Errorf("%v, then %v: %v", test.first, test.second, err)
		}
	}
}

// TestConfirmedFailed tells that what was doubtful is known, by the same request.
func TestConfirmedFailed(t *testing.T) {
	refused := change.Failure{Code: string(toolerr.InvalidArgument), Reason: "bad"}
	if diff := cmp.Diff(refused, confirmedFailed(refused)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got := confirmedFailed(change.Failure{Code: string(toolerr.OutcomeUnknown),
		Facts: map[string]any{"request_id": "req-7", "check_with": "get_contact"}})
	want := change.Failure{Code: string(toolerr.UpstreamUnavailable), Facts: map[string]any{"request_id": "req-7"},
		Reason: "Intercom gave no usable answer, and reading back shows that it took no effect. Try again in a minute. " +
			"(Intercom request req-7)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCause words what went wrong with an item: each of several errors once, under the code of the first, and which tag
// or company it was about.
func TestCause(t *testing.T) {
	j := newJudge(&change.Change{}, plain{})
	bad, gone := upstream(http.StatusBadRequest, "bad name"), upstream(http.StatusNotFound, "no such tag")
	tag, other := &linkError{"tag VIP", gone}, &linkError{"tag Old", gone}
	for _, test := range []struct {
		err    error
		code   toolerr.Code
		reason string
	}{
		{bad, toolerr.InvalidArgument, "bad name"},
		{tag, toolerr.NotFound, "tag VIP: no such tag"},
		{errors.Join(bad, tag), toolerr.InvalidArgument, "bad name tag VIP: no such tag"},
		{errors.Join(tag, bad), toolerr.NotFound, "tag VIP: no such tag bad name"},
		{errors.Join(bad, errors.Join(tag, other)), toolerr.InvalidArgument,
			"bad name tag VIP: no such tag tag Old: no such tag"},
		{errors.Join(bad, bad), toolerr.InvalidArgument, "bad name"},
	} {
		got := j.cause(t.Context(), test.err)
		if got.Code != string(test.code) || got.Reason != test.reason {
			t.Errorf("%v: %+v", test.err, got)
		}
	}
	if r := j.failedWith(t.Context(), 3, bad); r.Index != 3 || r.Outcome != change.Failed || r.Reason != "bad name" ||
		r.Facts["request_id"] != "req-1" {
		t.Errorf("%+v", r)
	}
	if _, kept := j.cause(t.Context(), bad).Facts["code"]; kept {
		t.Error("the code is kept twice")
	}
	if tag.Error() != "tag VIP: "+gone.Error() || !errors.Is(tag, error(gone)) {
		t.Errorf("%v", tag)
	}
}

// TestModifiedElsewhere names the field that another client has written to.
func TestModifiedElsewhere(t *testing.T) {
	item := &change.Item{
		Patch:  change.Patch{Set: map[string]any{"email": "b@example.com", "name": "B"}, AddTags: refs("1")},
		Before: change.Image{Set: map[string]any{"email": "a@example.com", "name": "A"}},
	}
	for _, test := range []struct{ email, name, want string }{
		{"a@example.com", "A", ""}, {"b@example.com", "A", ""}, {"b@example.com", "B", ""}, {"a@example.com", "C", "name"},
		{"c@example.com", "C", "email"},
	} {
		if got := newJudge(&change.Change{}, plain{}).masking.modifiedElsewhere(item,
			change.Image{Set: map[string]any{"email": test.email, "name": test.name}}); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

// TestConflict skips an item that another client has written to. Nobody knows what became of one that may have been
// sent, and of which nothing shows.
func TestConflict(t *testing.T) {
	patch := change.Patch{Set: map[string]any{"name": "B"}, AddTags: refs("1")}
	before := change.Image{Set: map[string]any{"name": "A"}}
	altered := change.Image{Set: map[string]any{"name": "C"}}
	tagged := change.Image{Set: map[string]any{"name": "C"}, Tags: []string{"1"}}
	for _, test := range []struct {
		now     change.Image
		maySent attempt
		want    change.Outcome
		missing int
	}{
		{altered, false, change.Failed, 0}, {altered, true, change.Unknown, 0}, {tagged, false, change.Partly, 1},
		{tagged, true, change.Partly, 1},
	} {
		j := newJudge(&change.Change{Items: []change.Item{{}, {Patch: patch, Before: before}}}, plain{})
		r := j.conflict(t.Context(), 1, "name", test.now, test.maySent)
		if r.Index != 1 || r.Outcome != test.want || len(r.Missing) != test.missing || r.Code != string(toolerr.ChangeStale) {
			t.Errorf("%+v: %+v", test, r)
		}
		reason := "name is neither what it was when planned nor what was to be written"
		if test.want == change.Unknown {
			reason += ": it may have been written, and changed by another client since"
		}
		if r.Reason != reason+"; it was skipped. Make the plan anew." ||
			(r.Facts["check_with"] == "get_contact") != (test.want == change.Unknown) {
			t.Errorf("%+v: %q %v", test, r.Reason, r.Facts)
		}
	}
}

// TestRefusedFields tells whether fields were refused, or only tags and companies.
func TestRefusedFields(t *testing.T) {
	bad, lost := upstream(http.StatusBadRequest, "bad"), lostAnswer(t)
	tag := &linkError{"tag VIP", bad}
	for _, test := range []struct {
		sent    error
		refused bool
		fields  error
	}{
		{nil, false, nil}, {bad, true, bad}, {lost, false, lost}, {tag, false, nil}, {errors.Join(tag, bad), true, bad},
		{errors.Join(tag, tag), false, nil},
		{errors.Join(lost, tag), false, lost},
	} {
		if refusedFields(test.sent) != test.refused || fieldsError(test.sent) != test.fields {
			t.Errorf("%v: refused %t, of fields: %v", test.sent, refusedFields(test.sent), fieldsError(test.sent))
		}
	}
}
