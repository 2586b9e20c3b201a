package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy/change"
)

// TestSend tells what happened, and nothing of whom it is about.
func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		defer f.start(f.store).Close()
		c := f.proposes(24 * time.Hour)
		time.Sleep(2 * time.Second)
		if err := f.store.Shared().Stops.Freeze(t.Context(), change.Actor{By: "Ann Secret"}, "secret reasons"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		got := f.deliveries()
		if len(got) != 2 || f.waiting() != 0 {
			t.Fatalf("%+v; %d wait", got, f.waiting())
		}
		want := strings.NewReplacer("{id}", c.ID, "{code}", change.ShortCode(c.ID)).Replace(
			`{"event":"change.waiting","timestamp":"2000-01-01T00:00:00Z","data":{"severity":"action","change":"{id}",` +
				`"code":"{code}","expires_at":"2000-01-02T00:00:00Z","link":"https://mcp.example.com/console/changes/{id}"},` +
				`"text":"A change to Intercom waits for approval ({code}) until 2000-01-02 00:00 UTC: ` +
				`https://mcp.example.com/console/changes/{id}"}`)
		if got[0].body != want || got[0].signature != "" {
			t.Errorf("%s\nwant %s", got[0].body, want)
		}
		if m := got[1].message; m.Event != "writes.frozen" || m.Data.Severity != "critical" || m.Data.ExpiresAt != nil ||
			m.Text != "Writes to Intercom were frozen: https://mcp.example.com/console" {
			t.Errorf("%+v", m)
		}
		if all := fmt.Sprintf("%+v", got); strings.Contains(strings.ToLower(all), "secret") || got[0].id == got[1].id {
			t.Errorf("it tells too much: %s", all)
		}
	})
}

// TestSendAgain tries a notice again after longer and longer pauses, with the same id, and no call waits for it.
func TestSendAgain(t *testing.T) {
	hangs := func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	fails := func(_ int, w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "secret", http.StatusInternalServerError)
	}
	later := func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	moved := func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example")
		w.WriteHeader(http.StatusFound)
	}
	for name, test := range map[string]struct {
		answer      func(n int, w http.ResponseWriter, r *http.Request)
		why         string
		least, most int // deliveries within five minutes
	}{
		"hangs":      {hangs, "no answer within 10s", 5, 8},
		"fails":      {fails, "HTTP 500", 5, 8},
		"redirects":  {moved, "HTTP 302", 5, 8},
		"wants time": {later, "HTTP 429", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, test.answer)
				defer f.start(f.store).Close()
				began := time.Now()
				f.proposed(time.Now().Add(15*time.Minute-giveUpAfter), 48*time.Hour)
				time.Sleep(5 * time.Minute)
				got := f.deliveries()
				if n := len(got); n < test.least || n > test.most {
					t.Errorf("sent %d times in five minutes", n)
				}
				for i, d := range got {
					if d.id != got[0].id {
						t.Errorf("delivery %d has another id", i)
					}
				}
				list, err := f.store.Shared().Outbox.Waiting(t.Context(), 10)
				if err != nil || len(list) != 1 || list[0].Problem != test.why || list[0].Tried < len(got)-1 {
					t.Errorf("%+v, %v", list, err)
				}
				time.Sleep(11 * time.Minute)
				if why := f.undelivered(); f.waiting() != 0 || len(why) != 1 || why[0] != "waiting: "+test.why {
					t.Errorf("a day after it was written: %d wait, %q", f.waiting(), why)
				}
				got = f.deliveries()
				if last := got[len(got)-1].at.Sub(began); last < 5*time.Minute || last > 15*time.Minute {
					t.Errorf("last tried after %s", last)
				}
				if logs := f.logs.String(); strings.Count(logs, "did not arrive") != 1 || strings.Contains(logs, "secret") {
					t.Errorf("logged: %s", logs)
				}
				if _, err := f.store.(change.Durable).VerifyAudit(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestSendRecovers delivers what waited once the receiver is there again, and gives up what is of no use any more.
func TestSendRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down sync.Mutex
		f := newFixture(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			if !down.TryLock() {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			down.Unlock()
		})
		defer f.start(f.store).Close()
		down.Lock()
		f.proposes(time.Minute)
		long := f.proposes(24 * time.Hour)
		time.Sleep(3 * time.Minute)
		if why := f.undelivered(); f.waiting() != 1 || !slices.Equal(why, []string{"waiting: HTTP 502"}) {
			t.Errorf("%d wait, %q", f.waiting(), why)
		}
		down.Unlock()
		time.Sleep(10 * time.Minute)
		got := f.deliveries()
		if last := got[len(got)-1]; f.waiting() != 0 || last.message.Data.Change != long.ID {
			t.Errorf("%d wait, last %+v", f.waiting(), last)
		}
		if !strings.Contains(f.logs.String(), "notices arrive again") {
			t.Error(f.logs.String())
		}
	})
}

// TestSendAfterRestart loses nothing with a process: not what was written and not sent, by whoever wrote it, and not
// what was sent by a process that died before it could say so, which is sent again with the same id.
func TestSendAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		first := f.proposes(24 * time.Hour) // and nobody sends
		taken, err := f.store.Shared().Outbox.Take(t.Context(), lease, 1, change.NoticeWaiting)
		if len(taken) != 1 || err != nil {
			t.Fatal(taken, err)
		}
		second := f.proposes(24 * time.Hour)
		s := f.start(f.open())
		defer s.Close()
		time.Sleep(2 * time.Second)
		if got := f.deliveries(); len(got) != 1 || got[0].message.Data.Change != second.ID {
			t.Errorf("while another may be sending the first: %+v", got)
		}
		time.Sleep(lease)
		if got := f.deliveries(); len(got) != 2 || got[1].message.Data.Change != first.ID || got[1].id != taken[0].ID {
			t.Errorf("after its lease: %+v", got)
		}
	})
}

// TestSendByMany has several servers on one store send each notice once, and a closed one leave what it was sending.
func TestSendByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(n int, _ http.ResponseWriter, r *http.Request) {
			if n == 0 {
				<-r.Context().Done()
			}
		})
		f.proposes(24 * time.Hour)
		s := f.start(f.open())
		time.Sleep(2 * time.Second)
		s.Close()
		if f.waiting() != 1 || len(f.deliveries()) != 1 {
			t.Errorf("%d wait after %+v", f.waiting(), f.deliveries())
		}
		for range 3 {
			defer f.start(f.open()).Close()
		}
		time.Sleep(lease)
		for range 20 {
			f.proposes(24 * time.Hour)
		}
		time.Sleep(lease)
		ids := make(map[string]int)
		for _, d := range f.deliveries() {
			ids[d.id]++
		}
		if len(ids) != 21 || len(f.deliveries()) != 22 || f.waiting() != 0 {
			t.Errorf("%d notices, sent %d times; %d wait", len(ids), len(f.deliveries()), f.waiting())
		}
	})
}

// TestSendWanted sends what the policy in force wants, and tells of a broken trail once a day.
func TestSendWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		var events atomic.Value
		events.Store([]change.NoticeKind{change.NoticeChainBroken})
		var broken atomic.Bool
		wanting := func(c *Config) {
			c.Events = func() []change.NoticeKind { return events.Load().([]change.NoticeKind) }
			c.Verify = func(context.Context) error {
				if broken.Load() {
					return fmt.Errorf("event 7: %w", change.ErrTampered)
				}
				return nil
			}
		}
		f.proposes(24 * time.Hour)
		s := f.start(f.store, wanting)
		time.Sleep(2 * verifyFirst)
		if got := f.deliveries(); len(got) > 0 {
			t.Errorf("%+v", got)
		}
		s.Close()
		broken.Store(true)
		for _, days := range []int{1, 2} {
			one, other := f.start(f.store, wanting), f.start(f.open(), wanting)
			time.Sleep(2 * verifyFirst)
			one.Close()
			other.Close()
			got := f.deliveries()
			if len(got) != days || got[0].message.Event != "trail.broken" || got[0].message.Data.Severity != "critical" {
				t.Errorf("on day %d: %+v", days, got)
			}
			time.Sleep(verifyEvery) // while nobody looks
		}
		defer f.start(f.store, wanting).Close()
		events.Store([]change.NoticeKind{change.NoticeWaiting})
		time.Sleep(2 * time.Second)
		f.proposes(24 * time.Hour)
		time.Sleep(2 * time.Second)
		if got := f.deliveries(); len(got) != 3 || got[2].message.Event != "change.waiting" {
			t.Errorf("wanted by now: %+v", got)
		}
		if why := f.undelivered(); !slices.Equal(why, []string{"waiting: nobody sent it in time"}) {
			t.Errorf("what waits no more: %q", why)
		}
	})
}

// TestStartRefuses refuses addresses that are none, without naming them.
func TestStartRefuses(t *testing.T) {
	outbox := change.NewMemory(1).Shared().Outbox
	for _, address := range []string{"", "hooks.example/secret", "ftp://hooks.example/secret", "https:///secret",
		"https://hooks.example:port/secret", "://secret"} {
		_, err := Start(Config{URL: address, Outbox: outbox, Events: change.NoticeKinds})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := Start(Config{URL: "https://hooks.example"}); err == nil {
		t.Error("without an outbox")
	}
}
