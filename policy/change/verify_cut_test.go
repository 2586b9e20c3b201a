package change

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestVerifyCut: a trail may begin late where a later event records the cut, and in no other way.
func TestVerifyCut(t *testing.T) {
	var whole trail
	for range 3 {
		whole.add(t, Event{Time: began, Kind: KindCall})
	}
	freeze := Freeze{By: "ops", Reason: "why", At: began}
	whole.add(t, Event{Time: began, Kind: KindClaimed, Facts: map[string]string{"workspace": "w"}},
		FreezeEvents(freeze, Actor{By: "ops"}, nil)[0])
	cutAt := func(n int, workspace string, f Freeze) Event {
		cut := Cut{From: 1, To: whole.heads[n-1]}
		e := cut.Event(Exported{Folder: "/exports", Trail: "trail"}, workspace, f)
		e.Time = began
		return e
	}
	right := cutAt(5, "w", freeze)
	wrong := cutAt(5, "w", freeze)
	wrong.Facts["to"] = Head{5, HashBody(nil)}.String()
	garbled := cutAt(5, "w", freeze)
	garbled.Facts["to"] = "x"
	call := Event{Time: began, Kind: KindCall}
	for name, test := range map[string]struct {
		add   []Event
		drop  int
		noted []Head
		want  string // of the error; empty: intact
	}{
		"cut":                         {add: []Event{call, right}, drop: 5},
		"cut to its end":              {add: []Event{right}, drop: 5},
		"cut, then noted":             {add: []Event{call, right}, drop: 5, noted: whole.heads[4:5]},
		"cut twice":                   {add: []Event{cutAt(2, "w", freeze), call, right}, drop: 5},
		"cut before what claims":      {add: []Event{call, cutAt(2, "w", freeze)}, drop: 2},
		"without a record":            {add: []Event{call}, drop: 5, want: "events 1 to 5 are missing"},
		"cut before that":             {add: []Event{cutAt(4, "w", freeze)}, drop: 5, want: "events 1 to 5 are missing"},
		"more than was cut":           {add: []Event{right, call}, drop: 6, want: "events 1 to 6 are missing"},
		"less than was cut":           {add: []Event{right}, drop: 4, want: "which is not so"},
		"nothing was cut":             {add: []Event{right}, drop: 0, want: "which is not so"},
		"another event":               {add: []Event{call, wrong}, drop: 5, want: "which is not so"},
		"no event":                    {add: []Event{call, garbled}, drop: 5, want: "tells of no cut"},
		"another workspace":           {add: []Event{call, cutAt(5, "v", freeze)}, drop: 5, want: "is of workspace"},
		"another freeze":              {add: []Event{call, cutAt(5, "w", Freeze{})}, drop: 5, want: "the freeze of writes"},
		"another workspace than told": {add: []Event{cutAt(2, "v", freeze)}, drop: 2, want: "tells another workspace"},
		"another freeze than told":    {add: []Event{cutAt(2, "w", Freeze{})}, drop: 2, want: "tells another workspace"},
		"another one than was noted": {add: []Event{right}, drop: 5, noted: []Head{{5, "x"}},
			want: "the one that was noted"},
		"another base than was begun": {add: []Event{right}, drop: 5, noted: []Head{{6, "x"}},
			want: "the one that was noted"},
		"a gap":                        {add: []Event{call, call, right}, drop: -6, want: "events 6 to 6 are missing"},
		"what was cut is not to prove": {add: []Event{call, right}, drop: 5, noted: whole.heads[1:2]},
	} {
		t.Run(name, func(t *testing.T) {
			tr := trail{slices.Clone(whole.heads), slices.Clone(whole.bodies)}
			tr.add(t, test.add...)
			v := NewVerifier(test.noted...)
			for i, head := range tr.heads {
				if i >= test.drop && i != -test.drop-1 {
					v.Event(head, tr.bodies[i])
				}
			}
			v.End(int64(len(tr.heads)))
			v.Workspace("w")
			v.Freeze(freeze)
			found, err := v.Finish()
			if test.want != "" {
				if !errors.Is(err, ErrTampered) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v, want %q", err, test.want)
				}
				return
			}
			if err != nil || found.First != int64(test.drop+1) || found.Cut == nil || found.Cut.To != tr.heads[test.drop-1] {
				t.Errorf("%+v, %v", found, err)
			}
			if unchecked := slices.Contains(test.noted, whole.heads[1]); unchecked != (found.Unchecked != nil) {
				t.Errorf("unchecked: %v", found.Unchecked)
			}
		})
	}
}

// TestVerifyExported checks the chain and the changes across what was exported and what is kept: an event of a change
// that was cut may come later.
func TestVerifyExported(t *testing.T) {
	c := Change{ID: NewID(), Principal: "ann", Status: StatusAwaiting, CreatedAt: began,
		Items: []Item{{TargetID: "1", Patch: Patch{Set: map[string]any{"name": "Ada"}}}}}
	planned, err := c.NewEvents()
	if err != nil {
		t.Fatal(err)
	}
	var tr trail
	tr.add(t, Event{Time: began, Kind: KindClaimed, Facts: map[string]string{"workspace": "w"}})
	tr.add(t, planned...)
	const cutTo = 2
	tr.take(t, &c, Step{To: StatusDeclined, At: began})
	c.PurgeValues()
	tr.add(t, Event{Time: began, Kind: KindForgotten, Change: c.ID})
	e := (&Cut{From: 1, To: tr.heads[cutTo-1], Changes: []string{c.ID}}).Event(Exported{}, "w", Freeze{})
	e.Time = began
	tr.add(t, e)
	for _, test := range []struct {
		edit func(bodies []string, c *Change)
		want string
	}{
		{func([]string, *Change) {}, ""},
		{func(_ []string, c *Change) { c.Status = StatusApplied }, "is applied, the trail tells"},
		{func(_ []string, c *Change) { c.Items[0].Outcome = Changed }, "did not come to what"},
		{func(_ []string, c *Change) { c.ID = NewID() }, "is not in the trail"},
		{func(bodies []string, _ *Change) { bodies[0] = strings.Replace(bodies[0], `"w"`, `"v"`, 1) }, "event 1 was edited"},
	} {
		v, bodies, exported := NewVerifier(tr.heads[0]), slices.Clone(tr.bodies), c.Clone()
		test.edit(bodies, &exported)
		for i, head := range tr.heads {
			if i < cutTo {
				v.Exported(head, bodies[i])
			} else {
				v.Event(head, bodies[i])
			}
		}
		v.End(int64(len(tr.heads)))
		for i, head := range tr.heads {
			if e, err := ParseEvent(bodies[i], head.Hash); err == nil {
				v.Replay().Event(&e)
			}
		}
		if err := v.Replay().Change(&exported, StopRequest{}); err != nil {
			t.Fatal(err)
		}
		v.Replay().End()
		found, err := v.Finish()
		switch {
		case test.want == "" && (err != nil || found.First != 1 || found.Cut != nil || found.Unchecked != nil):
			t.Errorf("%+v, %v", found, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}
