package change

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestCutOf chooses what is cut by the first events, each a letter: a call "c", or the plan of a change that ended
// "e", has not ended "w", ended lately "l", is being put back "u", has most items that fit "m"; in capitals those that
// are too young.
func TestCutOf(t *testing.T) {
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	before := now.AddDate(0, 0, -400)
	entries := func(letters string) (list []CutEntry) {
		for i, letter := range letters {
			e := CutEntry{At: Head{int64(i + 8), fmt.Sprint(i)}, Time: before.Add(-time.Nanosecond)}
			if letter < 'a' {
				e.Time, letter = before, letter+'a'-'A'
			}
			if letter != 'c' {
				e.Change, e.Ended, e.EndedAt = fmt.Sprint("chg_", i), letter != 'w', now.Add(-CutRests)
			}
			switch letter {
			case 'l':
				e.EndedAt = e.EndedAt.Add(time.Nanosecond)
			case 'u':
				e.Undoing = true
			case 'm':
				e.Items = MaxCutItems
			}
			list = append(list, e)
		}
		return list
	}
	for letters, want := range map[string]int{
		"": 0, "C": 0, "E": 0, "c": 1, "e": 1, "ceecC": 4, "ceecCe": 4, "eEe": 1, // by age, as a prefix
		"w": 0, "l": 0, "u": 0, "cewe": 2, "cle": 1, "eeu": 2, // by what is not over
		"m": 1, "mcm": 2, "cm": 2, "mm": 1, "em": 2,
	} {
		list := entries(letters)
		cut := CutOf(list, before, now)
		var ids []string
		for _, e := range list[:want] {
			if e.Change != "" {
				ids = append(ids, e.Change)
			}
		}
		if want == 0 && (cut.From != 0 || cut.To != Head{}) || want > 0 && (cut.From != 8 || cut.To != list[want-1].At) ||
			!slices.Equal(cut.Changes, ids) {
			t.Errorf("%q: %+v, want %d", letters, cut, want)
		}
	}
	many := make([]CutEntry, MaxCutEvents+1)
	for i := range many {
		many[i] = CutEntry{At: Head{Seq: int64(i + 1)}}
	}
	if cut := CutOf(many, before, now); cut.To.Seq != MaxCutEvents {
		t.Error(cut.To)
	}
}

// TestCutEvent reads what was written.
func TestCutEvent(t *testing.T) {
	hash := HashBody(nil)
	cut := Cut{From: 3, To: Head{7, hash}, Changes: []string{"a", "b"}}
	want := CutRecord{From: 3, To: cut.To, Changes: 2, Workspace: "w",
		Exported: Exported{"/exports", "trail", "1", "records", "2"},
		Freeze:   Freeze{By: "ops", Reason: "why", At: time.Unix(5, 7).UTC()}}
	e := cut.Event(want.Exported, "w", want.Freeze)
	if got, err := e.Cut(); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	e = cut.Event(want.Exported, "", Freeze{})
	if got, err := e.Cut(); err != nil || got.Workspace != "" || got.Freeze != (Freeze{}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, fact := range []string{"from", "to", "changes"} {
		e := cut.Event(want.Exported, "", want.Freeze)
		e.Facts[fact] = "x"
		if _, err := e.Cut(); err == nil {
			t.Errorf("%s passes", fact)
		}
	}
	if _, err := (&Event{Kind: KindCall}).Cut(); err == nil {
		t.Error("a call passes")
	}
}

// TestMayCut refuses what is not as it was read.
func TestMayCut(t *testing.T) {
	cut := Cut{From: 3, To: Head{7, "h"}, Changes: []string{"a", "b"}}
	other := []Event{{Kind: KindCall}, {Kind: KindRecorded, Change: "c"}}
	for name, test := range map[string]struct {
		first   int64
		hash    string
		since   []Event
		undoing []string
		want    error
	}{
		"as it was":        {3, "h", other, []string{"c"}, nil},
		"cut by another":   {8, "", nil, nil, ErrStatusChanged},
		"another trail":    {3, "g", nil, nil, ErrStatusChanged},
		"an erasure":       {3, "h", []Event{{Kind: KindErased}}, nil, ErrStatusChanged},
		"purged meanwhile": {3, "h", []Event{{Kind: KindForgotten, Change: "b"}}, nil, ErrStatusChanged},
		"being put back":   {3, "h", other, []string{"a"}, ErrStatusChanged},
	} {
		if err := cut.MayCut(test.first, test.hash, test.since, test.undoing); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
