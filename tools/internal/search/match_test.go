package search

import (
	"encoding/json"
	"testing"

	"intercom-mcp/intercom"
)

// TestHoldsNumber holds each operator to numbers below, at and above its value, and to none.
func TestHoldsNumber(t *testing.T) {
	number := func(text string) any { return json.Number(text) }
	for _, test := range []struct {
		operator Operator
		values   []any
		below    bool // of 7
		at       bool // 7, however it is written
		above    bool // 9007199254740993, which no float64 holds
		none     bool
	}{
		{"=", []any{number("7")}, false, true, false, false},
		{"!=", []any{number("7")}, true, false, true, true},
		{">", []any{number("7")}, false, false, true, false},
		{"<", []any{number("7")}, true, false, false, false},
		{">=", []any{number("7")}, false, true, true, false},
		{"<=", []any{number("7")}, true, true, false, false},
		{"IN", []any{number("7"), number("9007199254740993")}, false, true, true, false},
		{"NIN", []any{number("7"), number("9007199254740993")}, true, false, false, true},
		{"IN", []any{number("8"), number("9007199254740992")}, false, false, false, false},
		{"~", []any{number("7")}, false, false, false, false}, // no operator of numbers
		{">", []any{"seven"}, false, false, false, false},     // no number
	} {
		cond := &condition{operator: test.operator, values: test.values}
		for got, want := range map[any]bool{
			number("6.99"): test.below, number("-7"): test.below, 0: test.below, number("7"): test.at, number("7.0"): test.at,
			7.0:      test.at,
			int64(7): test.at, intercom.Unix(7): test.at, number("9007199254740993"): test.above, nil: test.none, "7": test.none,
			intercom.Time{}: test.none,
		} {
			if holdsNumber(cond, got) != want {
				t.Errorf("%v (%T) %s %v: want %v", got, got, test.operator, test.values, want)
			}
		}
	}
}
