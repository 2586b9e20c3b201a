package engine

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// TestPoll looks at a job: after as long as the last one took, and then ever less often, for ten minutes.
func TestPoll(t *testing.T) {
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		delay, typical time.Duration
		fault          sandbox.Fault
		took           time.Duration // at most, where looks is 0
		looks          int
		next           time.Duration // how long the next one is to take; 0: any time
	}{
		"at once":         {ms, 100 * ms, sandbox.Fault{}, 100 * ms, 1, 100 * ms * 7 / 8},
		"sooner":          {ms, 800 * ms, sandbox.Fault{}, 800 * ms, 1, 700 * ms},
		"soon":            {600 * ms, 100 * ms, sandbox.Fault{}, 912500 * time.Microsecond, 5, 743750 * time.Microsecond},
		"as usual":        {600 * ms, 643 * ms, sandbox.Fault{}, 643 * ms, 1, 643 * ms * 7 / 8},
		"a while":         {4 * time.Second, time.Second, sandbox.Fault{}, 4296875 * time.Microsecond, 6, 3664062500},
		"ever longer":     {time.Minute, time.Second, sandbox.Fault{}, 67721679687, 16, 63721679687},
		"for ever":        {time.Hour, time.Second, sandbox.Fault{}, pollFor + pollMost, 0, time.Second},
		"unseen":          {time.Hour, 100 * ms, sandbox.Fault{Status: http.StatusForbidden}, pollBlind, 1, 100 * ms},
		"unseen for long": {time.Hour, time.Minute, sandbox.Fault{Status: http.StatusForbidden}, time.Minute, 1, time.Minute},
		"seen later": {2 * time.Second, time.Second, sandbox.Fault{Status: http.StatusTooManyRequests, Times: 4},
			time.Minute, 0, time.Second},
		"down meantime": {2 * time.Second, time.Second, sandbox.Fault{Status: http.StatusServiceUnavailable, Times: 4},
			time.Minute, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: 60, BulkDelay: test.delay})
				b := &bulkRun{a: f.applier(f.renaming(0)), typical: test.typical}
				submitted, err := f.client.Bulk.Update(t.Context(), []intercom.BulkContact{{ID: f.user(0).ID}})
				if err != nil {
					t.Fatal(err)
				}
				if test.fault != (sandbox.Fault{}) {
					test.fault.Method, test.fault.Path = "GET", "/contacts/bulk/*"
					f.sandbox.AddFault(test.fault)
				}
				f.sandbox.ResetCalls()
				began := time.Now()
				ended, err := b.poll(t.Context(), job{id: submitted.ID, sent: began})
				if err != nil || ended == (test.fault.Status == http.StatusForbidden) {
					t.Fatalf("ended %t, %v", ended, err)
				}
				took, looks := time.Since(began), len(f.sandbox.Calls())
				if took > test.took || test.looks > 0 && (took != test.took || looks != test.looks) || test.took == time.Minute &&
					took < test.delay && looks > 1 {
					t.Errorf("%v, %d looks", took, looks)
				}
				if test.next > 0 && b.typical != test.next {
					t.Errorf("the next one is to take %v", b.typical)
				}
			})
		})
	}
}

// TestPollOddState leaves a job alone whose state tells neither that it goes on nor that it has ended, as one that
// cannot be seen.
func TestPollOddState(t *testing.T) {
	for _, state := range []string{`"failed"`, `""`, `null`} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 60, BulkDelay: time.Hour})
			client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1",
				Transport: rewriting{f.sandbox, `"state":"running"`, `"state":` + state}})
			if err != nil {
				t.Fatal(err)
			}
			f.client = client
			f.restart()
			b := &bulkRun{a: f.applier(f.renaming(0)), typical: 100 * time.Millisecond}
			submitted, err := client.Bulk.Update(t.Context(), []intercom.BulkContact{{ID: f.user(0).ID}})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			ended, err := b.poll(t.Context(), job{id: submitted.ID, sent: began})
			if took := time.Since(began); ended || err != nil || took != pollBlind {
				t.Errorf("%s: ended %t, %v, after %v", state, ended, err, took)
			}
		})
	}
}

// TestPollLost leaves a job alone whose id is lost for a second, or as long as jobs take lately, since it was sent; and
// takes one to have ended that was sent ten minutes ago.
func TestPollLost(t *testing.T) {
	for name, test := range map[string]struct {
		id            string
		typical, sent time.Duration // ago
		took          time.Duration
		ended         bool
	}{
		"a moment ago":       {"", 100 * time.Millisecond, 600 * time.Millisecond, 400 * time.Millisecond, false},
		"jobs take longer":   {"", 5 * time.Second, 600 * time.Millisecond, 4400 * time.Millisecond, false},
		"a while ago":        {"", 100 * time.Millisecond, time.Minute, 0, false},
		"long ago":           {"", 100 * time.Millisecond, pollFor, 0, true},
		"long ago, and seen": {"5f", 100 * time.Millisecond, pollFor, 0, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 60})
			b := &bulkRun{a: f.applier(f.renaming(0)), typical: test.typical}
			began := time.Now()
			ended, err := b.poll(t.Context(), job{id: test.id, sent: began.Add(-test.sent)})
			if err != nil || ended != test.ended || time.Since(began) != test.took || len(f.sandbox.Calls()) > 0 {
				t.Errorf("%s: ended %t after %v, %v", name, ended, time.Since(began), err)
			}
		})
	}
}

// TestPollAtOnce looks at once at a job that was sent as long ago as jobs take, which says nothing of how long they do.
func TestPollAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 60, BulkDelay: time.Millisecond})
		b := &bulkRun{a: f.applier(f.renaming(0)), typical: time.Second}
		submitted, err := f.client.Bulk.Update(t.Context(), []intercom.BulkContact{{ID: f.user(0).ID}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		began := time.Now()
		if ended, err := b.poll(t.Context(), job{id: submitted.ID, sent: began.Add(-time.Second)}); err != nil || !ended ||
			time.Since(began) > 0 || b.typical != time.Second {
			t.Errorf("ended %t after %v, the next one is to take %v, %v", ended, time.Since(began), b.typical, err)
		}
	})
}
