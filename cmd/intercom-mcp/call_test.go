package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"intercom-mcp/tools"
)

// TestConfirm accepts only a clear yes at the terminal.
func TestConfirm(t *testing.T) {
	tests := []struct {
		typed string
		want  tools.Action
	}{
		{"y\n", tools.Accept},
		{"Yes\n", tools.Accept},
		{" YES \n", tools.Accept},
		{"n\n", tools.Decline},
		{"\n", tools.Decline},
		{"yep\n", tools.Decline},
		{"", tools.Cancel}, // the terminal is gone
	}
	for _, test := range tests {
		t.Run(test.typed, func(t *testing.T) {
			stderr := newTape()
			h := &host{stdin: strings.NewReader(test.typed), stderr: stderr, env: environment()}
			if got := h.confirm(t.Context(), tools.Ask{Message: "Update 3 contacts."}); got != test.want {
				t.Errorf("%q: %s, want %s", test.typed, got, test.want)
			}
			if asked := stderr.String(); asked != "Update 3 contacts.\nApply this change? [y/N] " {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// TestConfirmStopped stops the program at the question, which answers it neither way.
func TestConfirmStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	h := &host{stdin: strings.NewReader(""), stderr: newTape(), env: environment()}
	if got := h.confirm(ctx, tools.Ask{}); got != tools.Cancel {
		t.Errorf("%s, want %s", got, tools.Cancel)
	}
}

// TestJudge takes a write for a success only where all of it was applied.
func TestJudge(t *testing.T) {
	tests := []struct {
		tool, answer string
		ok           bool
	}{
		{"", `{"columns":[],"rows":[]}`, true},
		{"", `{"id":"1","status":"failed"}`, true},
		{"", `{"change":"chg_1","status":"applied"}`, true},
		{"", `{"change":"chg_1","status":"applying"}`, true},
		{"", `{"change":"chg_1","status":"awaiting"}`, false},
		{"", `{"change":"chg_1","status":"partial"}`, false},
		{"", `{"change":"chg_1","status":"failed"}`, false},
		{"", `{"change":"chg_1","status":"unknown"}`, false},
		{"", `{"change":"chg_1","status":"declined"}`, false},
		{"confirm_change", `{"change":"chg_1","status":"stopped"}`, false},
		{"cancel_change", `{"change":"chg_1","status":"stopped"}`, true},
		{"cancel_change", `{"change":"chg_1","status":"partial"}`, false},
	}
	for _, test := range tests {
		t.Run(test.tool+test.answer, func(t *testing.T) {
			stderr := newTape()
			h := &host{stderr: stderr, env: environment()}
			err := h.judge(test.tool, json.RawMessage(test.answer), "", true)
			if (err == nil) != test.ok || (stderr.String() == "") != test.ok {
				t.Errorf("error = %v, said %q; want success: %v", err, stderr, test.ok)
			}
		})
	}
}
