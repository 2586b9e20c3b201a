package engine

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestStopCallsBack stops changes whose writes wait for Intercom's rate limit: none of them leaves after that, and the
// run ends at once. Those of a server that pauses wait to be resumed.
func TestStopCallsBack(t *testing.T) {
	for name, test := range map[string]struct {
		options sandbox.Options
		items   int
		stop    func(f *fixture, id string)
		left    change.Outcome // of what was not sent
	}{
		"one by one":     {sandbox.Options{RateLimit: 30, NoPreview: true}, 60, cancel, change.NotSent},
		"in bulk":        {sandbox.Options{RateLimit: 5}, 300, cancel, change.NotSent},
		"paused":         {sandbox.Options{RateLimit: 30, NoPreview: true}, 60, pause, change.Pending},
		"paused in bulk": {sandbox.Options{RateLimit: 5}, 300, pause, change.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Contacts = 700
				f := newFixture(t, test.options)
				items := f.renamings(test.items)
				if _, err := f.client.Contacts.Get(t.Context(), items[0].TargetID); err != nil { // which tells the limit
					t.Fatal(err)
				}
				c := f.planned(items...)
				if _, err := f.Start(t.Context(), c, change.Step{}); err != nil {
					t.Fatal(err)
				}
				for len(f.writes()) == 0 {
					time.Sleep(time.Second)
				}
				time.Sleep(3 * time.Second)
				sent, stopped := len(f.writes()), time.Now()
				test.stop(f, c.ID)
				f.Idle()
				if now := f.writes(); len(now) != sent {
					t.Errorf("sent after the stop, beside %d before: %v", sent, now[sent:])
				}
				if took := time.Since(stopped); took > 15*time.Second {
					t.Errorf("stopped after %s", took)
				}
				c = f.stored(c.ID)
				shows := func(item change.Item) bool {
					now, _ := f.sandbox.Contact(item.TargetID)
					return now.Name == "Renamed"
				}
				if !slices.ContainsFunc(c.Items, shows) {
					t.Error("nothing was sent at all")
				}
				for _, item := range c.Items {
					if !shows(item) && item.Outcome != test.left {
						t.Fatalf("%s, not sent, is %q: %s", item.TargetID, item.Outcome, item.Reason)
					}
				}
			})
		})
	}
}

func cancel(f *fixture, id string) {
	f.t.Helper()
	if err := f.StopChange(f.t.Context(), id, change.Actor{By: "ann"}, ""); err != nil {
		f.t.Fatal(err)
	}
}

func pause(f *fixture, _ string) { f.Pause(time.Hour) }
