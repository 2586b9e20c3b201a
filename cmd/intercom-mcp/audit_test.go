package main

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"
)

// A change that one process planned is confirmed by another.
func TestConfirmedByAnotherProcess(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.db")
	call := func(want int, args ...string) (status, change string) {
		t.Helper()
		stdout, stderr := newTape(), newTape()
		args = append([]string{"call", "--sandbox", "--state", state}, args...)
		if code := run(t.Context(), args, nil, stdout, stderr, environment()); code != want {
			t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
		}
		var answer struct{ Change, Status string }
		if err := json.Unmarshal([]byte(stdout.String()), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Status, answer.Change
	}
	status, id := call(exitFailed, "update_contact", `{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`)
	if status != "awaiting" {
		t.Fatalf("planned: %s", status)
	}
	for range 2 { // the second answers with the same receipt
		if status, again := call(exitOK, "confirm_change", `{"change":"`+id+`"}`); status != "applied" || again != id {
			t.Errorf("confirmed: %s %s", status, again)
		}
	}
}

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                     {},
		"24h":                  now.AddDate(0, 0, -1),
		"2026-10-01T00:00:00Z": time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		"2026-10-01":           time.Date(2026, 10, 1, 0, 0, 0, 0, time.Local),
	} {
		if got, err := parseSince(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-1h", "2026-13-01"} {
		if _, err := parseSince(text, now); err == nil {
			t.Errorf("%q passes for a time", text)
		}
	}
}

// Each token has a file of its own, and no file tells a token.
func TestStatePath(t *testing.T) {
	h := &host{env: environment("HOME", "/home/ann", "XDG_STATE_HOME", "/state", "LocalAppData", `C:\state`)}
	seen := make(map[string]bool)
	for _, flags := range []endpointFlags{{Region: "us"}, {Region: "eu"}, {Region: "us", BaseURL: "http://localhost:1"}} {
		for _, token := range []string{"secret", "other"} {
			config, err := flags.config(token)
			if err != nil {
				t.Fatal(err)
			}
			path, err := stateFlags{}.path(h, config)
			if err != nil || !filepath.IsAbs(path) || seen[path] {
				t.Errorf("%s (%v)", path, err)
			}
			seen[path] = true
			if given, err := (stateFlags{State: "x"}).path(h, config); err != nil || given != "x" {
				t.Errorf("%s (%v)", given, err)
			}
		}
	}
	config, err := endpointFlags{Region: "us"}.config("secret")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (stateFlags{}).path(&host{env: environment("HOME", "not/absolute")}, config); err == nil {
		t.Error("a place for state without a home")
	}
}
