package main

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A server ends, and says why where it can, though nobody reads its stderr.
func TestReportWhileNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unread, stderr := io.Pipe()
		h := &host{stderr: stderr, serves: true}
		began := time.Now()
		if code := h.report(errors.New("broken")); code != exitFailed || time.Since(began) != logPatience {
			t.Errorf("exit code %d after %v", code, time.Since(began))
		}
		unread.Close()
	})
	tape := newTape()
	if code := (&host{stderr: tape, serves: true}).report(&usageError{problem: "wrong",
		try: "right"}); code != exitUsage ||
		tape.String() != "intercom-mcp: wrong\nTry: right\n" {
		t.Errorf("exit code %d: %s", code, tape)
	}
}
