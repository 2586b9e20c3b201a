package policy

import "testing"

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
