package policy

import (
	"strings"
	"testing"
)

func TestStopAfter(t *testing.T) {
	standard := Default(ModeWrite).Limits.StopAfter
	for _, test := range []struct {
		stop         StopAfter
		sent, failed int
		want         bool
	}{
		{standard, 0, 0, false},
		{standard, 19, 19, false},
		{standard, 20, 1, false},
		{standard, 20, 2, true},
		{standard, 30, 2, false},
		{standard, 30, 3, true},
		{standard, 10_000, 49, false},
		{standard, 10_000, 50, true},
		{StopAfter{Percent: 100, OfAtLeast: 1, Items: 10_000}, 5, 4, false},
		{StopAfter{Percent: 100, OfAtLeast: 1, Items: 10_000}, 5, 5, true},
		{StopAfter{Percent: 10, OfAtLeast: 20, Items: 1}, 1, 1, true},
		{StopAfter{Percent: 10, OfAtLeast: 20, Items: 1}, 1, 0, false},
		{StopAfter{Percent: 50}, 0, 0, false},
		{StopAfter{Percent: 50}, 1, 1, true},
		{StopAfter{Percent: 1}, 100, 1, true},
		{StopAfter{Percent: 10}, 101, 10, false},
		{StopAfter{Items: 1}, 1, 1, true},
		{StopAfter{Percent: 50}, 2, 1, true},
		{StopAfter{}, 10_000, 10_000, false},
	} {
		if got := test.stop.Exceeded(test.sent, test.failed); got != test.want {
			t.Errorf("%+v, %d of %d failed: %t", test.stop, test.failed, test.sent, got)
		}
	}
}

// TestRefusesToWait counts what waits and what was not answered, each against its limit; 0 is none.
func TestRefusesToWait(t *testing.T) {
	limits := Limits{WaitingChanges: 3, WaitingMegabytes: 2, UnansweredPer10m: 4}
	for _, test := range []struct {
		limits  Limits
		level   Level
		waiting Waiting
		want    string
	}{
		{limits, LevelUser, Waiting{}, ""},
		{limits, LevelUser, Waiting{Changes: 2, Bytes: 1_999_999, Unanswered: 3}, ""},
		{limits, LevelAgent, Waiting{Changes: 3}, "waiting_changes"},
		{limits, LevelAgent, Waiting{Bytes: 2_000_000}, "waiting_megabytes"},
		{limits, LevelUser, Waiting{Unanswered: 4}, "unanswered_per_10m"},
		{limits, LevelAgent, Waiting{Unanswered: 4}, ""},
		{limits, LevelApprover, Waiting{Unanswered: 4}, ""},
		{Limits{WaitingChanges: 1}, LevelUser, Waiting{Changes: 1}, "waiting_changes"},
		{Limits{WaitingMegabytes: 1}, LevelUser, Waiting{Bytes: 1_000_000}, "waiting_megabytes"},
		{Limits{UnansweredPer10m: 1}, LevelUser, Waiting{Unanswered: 1}, "unanswered_per_10m"},
		{Limits{}, LevelUser, Waiting{Changes: 1000, Bytes: 1 << 40, Unanswered: 1000}, ""},
	} {
		limit, why := test.limits.RefusesToWait(test.level, test.waiting)
		if limit != test.want || (why == "") != (test.want == "") {
			t.Errorf("%+v, %s, %+v: refused by %q, %q", test.limits, test.level, test.waiting, limit, why)
		}
	}
	if _, why := limits.RefusesToWait(LevelUser, Waiting{Bytes: 3_500_000}); !strings.Contains(why, "hold 3 MB") {
		t.Errorf("it says %q", why)
	}
}
