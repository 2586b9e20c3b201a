package tools

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// TestTwoTransactions has an allowed write of one contact wait for the disk twice: for the intent before anything is
// sent, and for the outcome, the requests that were made for it included.
func TestTwoTransactions(t *testing.T) {
	beforeWrite := 0 // commits before the first request that writes
	began := 0
	var store *sqlite.Store
	w, made := auditedWorld(t, func(_ *sandbox.Options, ic *intercom.Config, _ *Config) {
		ic.Observe = func(ctx context.Context, x intercom.Exchange) {
			id := ChangeOf(ctx)
			if id == "" {
				return
			}
			if x.Method == "PUT" {
				beforeWrite = commits(t, store) - began
			}
			if err := store.AppendSoon(change.Event{Kind: change.KindCall, Change: id}); err != nil {
				t.Error(err)
			}
		}
	})
	store = made
	contact := w.user(0).ID
	rename := func(name string) { w.do("update_contact", object{"contact": contact, "set": object{"name": name}}) }
	rename("First") // makes the file
	for i := range 3 {
		began = commits(t, store)
		rename(fmt.Sprint("Name ", i))
		if n := commits(t, store) - began; n != 2 || beforeWrite != 1 {
			t.Errorf("%d transactions, %d of them before the request", n, beforeWrite)
		}
	}
	if _, err := store.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// commits counts the transactions in the log of a file, which is written anew once it is long.
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
func commits(t *testing.T, store *sqlite.Store) (n int) {
	t.Helper()
	log, err := os.ReadFile(store.Path() + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	for frame := log[32:]; len(frame) >= 24+page; frame = frame[24+page:] {
		if binary.BigEndian.Uint32(frame[4:]) != 0 {
			n++
		}
	}
	return n
}
