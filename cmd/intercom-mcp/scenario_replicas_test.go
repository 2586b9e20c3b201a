//go:build unix

package main

import (
	"slices"
	"sync"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestReplicasConfirmOnce confirms one change 50 times at once through three replicas: it is carried out once, and
// every answer tells the same.
func TestReplicasConfirmOnce(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, 3, 1, replicasPolicy, sandbox.Options{})
	a, contact := r.agents[0], r.intercom.Contacts()[0].ID
	planned := a.must(t, "add_note", object{"contact": contact, "body": "Called back, once."})
	if planned.Status != "awaiting" {
		t.Fatal(planned.text)
	}
	var confirms sync.WaitGroup
	for range 50 {
		confirms.Go(func() {
			got, err := a.call("confirm_change", object{"change": planned.Change})
			if err != nil || got.failed || !slices.Contains([]string{"applied", "applying"}, got.Status) {
				t.Errorf("a confirm was answered %v, %v", got, err)
			}
		})
	}
	confirms.Wait()
	if got := a.ended(t, planned.Change); got.Status != "applied" {
		t.Error(got.text)
	}
	if notes := notesOf(r, contact); notes != 1 || r.router.used() != 3 {
		t.Errorf("%d notes written through %d replicas", notes, r.router.used())
	}
}
