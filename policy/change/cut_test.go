package change

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCutOf chooses what is cut by the first events, each a letter: a call "c", or the plan of a change that ended
// "e", has not ended "w", ended lately "l", is being put back "u", has most items that fit "m", one more "o"; in
// capitals those that are too young.
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
			case 'o':
				e.Items = MaxCutItems + 1
			}
			list = append(list, e)
		}
		return list
	}
	for letters, want := range map[string]int{
		"": 0, "C": 0, "E": 0, "c": 1, "e": 1, "ceecC": 4, "ceecCe": 4, "eEe": 1, // by age, as a prefix
		"w": 0, "l": 0, "u": 0, "cewe": 2, "cle": 1, "eeu": 2, // by what is not over
		"m": 1, "mcm": 2, "cm": 2, "mm": 1, "em": 2, "o": 1, "oe": 1, "eo": 1, // by items
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
	for fact, text := range map[string]string{"from": "0x3", "to": "x", "changes": "x", "frozen_at": "x"} {
		e := cut.Event(want.Exported, "", want.Freeze)
		e.Facts[fact] = text
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
		want    string // what its error tells; "" for none
	}{
		"as it was":      {3, "h", other, []string{"c"}, ""},
		"cut by another": {8, "", nil, nil, "the trail begins at event 8"},
		"another trail":  {3, "g", nil, nil, "event 7 is another one"},
		"an erasure":     {3, "h", []Event{{Kind: KindErased, Seq: 9}}, nil, "event 9 is about what was exported"},
		"purged meanwhile": {3, "h", append(other, Event{Kind: KindForgotten, Change: "b", Seq: 12}), nil,
			"event 12 is about what was exported"},
		"being put back": {3, "h", other, []string{"c", "a"}, "a is being put back"},
	} {
		err := cut.MayCut(test.first, test.hash, test.since, test.undoing)
		if (err == nil) != (test.want == "") ||
			err != nil && !(errors.Is(err, ErrStatusChanged) && strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
