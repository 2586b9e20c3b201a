//go:build unix

package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// askingPolicy has each write asked about.
var askingPolicy = strings.ReplaceAll(replicasPolicy, "by: agent", "by: user")

// yes answers a question.
func yes(state string) func(object) {
	return func(params object) {
		params["requestState"] = state
		params["inputResponses"] = object{"confirm": object{"action": "accept", "content": object{"confirm": true}}}
	}
}

// TestReplicasElicitation answers the question of one replica through the others: its state is sealed by keys that all
// have, and is spent once over all of them.
func TestReplicasElicitation(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, 3, 2, askingPolicy, sandbox.Options{})
	contact := r.intercom.Contacts()[0].ID
	args := object{"contact": contact, "body": "Asked once."}
	asked := r.agents[0].must(t, "add_note", args)
	if asked.state == "" {
		t.Fatalf("no question: %s", asked.text)
	}
	if got, err := r.agents[1].call("add_note", args, yes(asked.state)); err == nil && got.Status != "" {
		t.Errorf("another principal's answer: %s", got.text)
	}
	applied := 0
	var mu sync.Mutex
	var answers sync.WaitGroup
	for n := range 12 {
		answers.Go(func() {
			through := newAgent(r.agents[0].name, r.agents[0].token, r.at(n%3).url)
			got, err := through.call("add_note", args, yes(asked.state))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && got.Status == "applied":
				applied++
			case err == nil || !strings.Contains(err.Error(), "used before"):
				t.Errorf("an answer: %v, %v", got, err)
			}
		})
	}
	answers.Wait()
	if applied != 1 || notesOf(r, contact) != 1 {
		t.Errorf("applied %d times: %d notes", applied, notesOf(r, contact))
	}
}

// notesOf counts the requests that wrote a note to a contact.
func notesOf(r *replicas, contact string) (n int) {
	for _, call := range r.intercom.Calls() {
		if call.Method == "POST" && call.Path == "/contacts/"+contact+"/notes" {
			n++
		}
	}
	return n
}

// TestReplicasControl looks at, stops, freezes and cancels what another replica works on.
func TestReplicasControl(t *testing.T) {
	t.Parallel()
	// 1,200 contacts are ten jobs of four at once: the last leaves after eight seconds, long after the stop.
	r := newReplicas(t, 3, 1, replicasPolicy, sandbox.Options{Contacts: 4000, BulkDelay: 2 * time.Second})
	a := r.agents[0]
	through := func(place int) *agent { return newAgent(a.name, a.token, r.at(place).url) }
	plan := func() string {
		return through(0).must(t, "bulk_update_contacts", object{"set": object{"add_tags": []string{"VIP"}},
			"where": []object{{"field": "custom_attributes.plan", "operator": "=", "value": "trial"}}}).Change
	}
	waits, runs := plan(), plan()
	if got := through(1).must(t, "cancel_change", object{"change": waits}); got.Status != "cancelled" {
		t.Errorf("cancelled by another replica: %s", got.text)
	}
	confirmed := make(chan *answer)
	go func() {
		got, err := through(0).call("confirm_change", object{"change": runs})
		if err != nil {
			t.Error(err)
		}
		confirmed <- got
	}()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		got := through(2).must(t, "get_change", object{"change": runs})
		if got.Status == "applying" && got.Pending > 0 {
			break
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("another replica shows no progress: %s", got.text)
		}
	}
	stopped := through(1).must(t, "cancel_change", object{"change": runs})
	if got := through(2).ended(t, runs); got.NotSent == 0 || got.Pending > 0 {
		t.Errorf("stopped by another replica: %s, %s", stopped.text, got.text)
	}
	if got := <-confirmed; got == nil || got.Status == "applied" {
		t.Errorf("the call that waited: %v", got)
	}
	r.frozen(through)
}

// frozen freezes writes by a command, for all replicas, and lets them go on.
func (r *replicas) frozen(through func(place int) *agent) {
	r.t.Helper()
	operate := func(args ...string) {
		r.t.Helper()
		if code, _, log := output(r.t, append(args, "--state", r.state)...); code != exitOK {
			r.t.Errorf("%s: %s", args, log)
		}
	}
	note := object{"contact": r.intercom.Contacts()[0].ID, "body": "x"}
	operate("freeze", "wrong tags", "--by", "ops")
	for place := range r.all {
		got, err := through(place).call("add_note", note)
		if err != nil || !got.failed || !strings.Contains(got.text, "frozen") {
			r.t.Errorf("a write through replica %d while frozen: %v, %v", place, got, err)
		}
	}
	operate("unfreeze")
	for place := range r.all {
		through(place).must(r.t, "add_note", note)
	}
}
