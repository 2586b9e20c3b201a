package change

import (
	"maps"
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy"
)

// TestGrant grants a quarter of what is left, one at least, and never more than there are.
func TestGrant(t *testing.T) {
	for name, test := range map[string]struct {
		window        RateWindow
		epoch         int64
		limit, want   int
		granted, left int
		after         RateWindow
	}{
		"a new window":          {RateWindow{}, 100, 40, 20, 10, 30, RateWindow{100, 10}},
		"a part of a quarter":   {RateWindow{100, 0}, 100, 40, 3, 3, 37, RateWindow{100, 3}},
		"a later window":        {RateWindow{100, 40}, 110, 40, 20, 10, 30, RateWindow{110, 10}},
		"the last one":          {RateWindow{100, 39}, 100, 40, 5, 1, 0, RateWindow{100, 40}},
		"one of three":          {RateWindow{100, 37}, 100, 40, 5, 1, 2, RateWindow{100, 38}},
		"none left":             {RateWindow{100, 40}, 100, 40, 5, 0, 0, RateWindow{100, 40}},
		"of a smaller limit":    {RateWindow{100, 40}, 100, 30, 5, 0, 0, RateWindow{100, 40}},
		"none wanted":           {RateWindow{100, 0}, 100, 40, 0, 0, 40, RateWindow{100, 0}},
		"less than none wanted": {RateWindow{100, 0}, 100, 40, -1, 0, 40, RateWindow{100, 0}},
		"too late":              {RateWindow{100, 0}, 99, 40, 5, 0, 0, RateWindow{100, 0}},
		"just too late":         {RateWindow{100, 0}, 100 - StaleWindow, 40, 5, 0, 0, RateWindow{100, 0}},
		"after an odd answer":   {RateWindow{100, 9}, 99 - StaleWindow, 40, 5, 5, 35, RateWindow{99 - StaleWindow, 5}},
	} {
		w := test.window
		granted, left := w.Grant(test.epoch, test.limit, test.want)
		if granted != test.granted || left != test.left || w != test.after {
			t.Errorf("%s: %d granted, %d left, then %+v", name, granted, left, w)
		}
	}
}

// TestRequestEvents puts an undo that was asked for on record, with its answer, but not what was wrong.
func TestRequestEvents(t *testing.T) {
	c := Change{ID: "chg_1", Principal: "ann"}
	r := Request{Kind: RequestUndo, By: Actor{By: "sue"}, AskedAt: began}
	for _, test := range []struct {
		person policy.Person
		answer Answer
		asked  map[string]string
		told   map[string]string
	}{
		{policy.Person{}, Answer{At: began, Problem: "Ann is gone"}, map[string]string{"by": "sue"},
			map[string]string{"by": "sue", "refused": "true"}},
		{policy.Person{Name: "Sue", Email: "s@x"}, Answer{At: began, Change: "chg_2"},
			map[string]string{"by": "sue", "name": "Sue", "email": "s@x"},
			map[string]string{"by": "sue", "refused": "false", "undo": "chg_2"}},
	} {
		r.Person = test.person
		if e, kept := r.AskedEvent(&c); !kept || e.Kind != KindUndoAsked || !maps.Equal(e.Facts, test.asked) {
			t.Errorf("asked: %+v, kept %t", e, kept)
		}
		if e, kept := r.AnsweredEvent(&c, test.answer); !kept || e.Kind != KindUndoAnswered ||
			!maps.Equal(e.Facts, test.told) {
			t.Errorf("answered: %+v, kept %t", e, kept)
		}
	}
	r.Kind = RequestCheck
	if _, kept := r.AskedEvent(&c); kept {
		t.Error("a check is put on record")
	}
	if _, kept := r.AnsweredEvent(&c, Answer{}); kept {
		t.Error("the answer to a check is put on record")
	}
	for after, want := range map[time.Duration]bool{0: true, RequestHolds - 1: true, RequestHolds: false} {
		if r.Open(began.Add(after)) != want {
			t.Errorf("it is open after %v: %t", after, !want)
		}
	}
	open := slices.Repeat([]Request{{Change: "chg_2", Kind: RequestUndo}}, MaxRequests)
	if same, joined, err := (Request{Change: "chg_2", Kind: RequestUndo}).Join(open); !joined || err != nil ||
		same.Change != "chg_2" {
		t.Errorf("the same of many: %+v, %t, %v", same, joined, err)
	}
	if _, joined, err := r.Join(open); joined || err != ErrTooMany {
		t.Errorf("one more than may be: %t, %v", joined, err)
	}
	if _, joined, err := r.Join(open[1:]); joined || err != nil {
		t.Errorf("the last that may be: %t, %v", joined, err)
	}
}

// TestNotices brings what others are told of into the outbox, and nothing else.
func TestNotices(t *testing.T) {
	approver := map[string]string{"level": "approver", "status": "awaiting", "expires": began.Format(EventTime)}
	for name, test := range map[string]struct {
		event Event
		want  NoticeKind
	}{
		"waits for approvers": {Event{Kind: KindPlanned, Facts: approver}, NoticeWaiting},
		"waits for the user": {Event{Kind: KindPlanned, Facts: map[string]string{"level": "user", "status": "awaiting"}},
			""},
		"denied an approver": {Event{Kind: KindPlanned, Facts: map[string]string{"level": "approver"}}, ""},
		"approved": {Event{Kind: KindApproved, Facts: map[string]string{"level": "approver",
			"status": "approved"}}, NoticeApproved},
		"one of two approvals": {Event{Kind: KindApproved, Facts: approver}, ""},
		"the user's yes": {Event{Kind: KindApproved, Facts: map[string]string{"level": "user", "status": "approved"}},
			""},
		"frozen":   {Event{Kind: KindFrozen}, NoticeFrozen},
		"failed":   {Event{Kind: Kind(StatusFailed)}, NoticeKind(StatusFailed)},
		"recorded": {Event{Kind: KindRecorded}, ""},
	} {
		test.event.Time = began
		notices := Notices(Event{Kind: KindCall}, test.event)
		if test.want == "" && len(notices) == 0 {
			continue
		}
		if len(notices) != 1 || notices[0].Kind != test.want || !notices[0].At.Equal(began) ||
			notices[0].ExpiresAt.IsZero() == (test.want == NoticeWaiting) {
			t.Errorf("%s: %+v", name, notices)
		}
	}
	if now := Notices(Event{Kind: KindFrozen}); now[0].At.IsZero() {
		t.Error("a notice of an event without a time has none")
	}
}
