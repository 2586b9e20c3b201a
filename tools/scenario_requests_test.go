package tools

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// betweenServers runs two servers on one state file, and has a test ask them as the console does.
func betweenServers(t *testing.T, test func(t *testing.T, w *world, both []*world), options ...worldOption) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, options...)
		both := w.processes(2)
		for _, server := range both {
			server.Resume()
			defer server.Close(t.Context()) // within the bubble
		}
		test(t, w, both)
	})
}

// click is what a person asks for.
func click(id string, kind change.RequestKind) change.Request {
	return change.Request{Change: id, Kind: kind, By: change.Actor{By: "ops", Level: policy.LevelUser, Method: "oidc"},
		Person: policy.Person{Name: "Olga Ops", Email: "ops@example.com"}, Roles: []string{"operator"}}
}

// asks asks the servers, and returns their answer; nil where none comes within five seconds.
func (w *world) asks(r change.Request) *change.Answer {
	w.t.Helper()
	requests := w.store.Shared().Requests
	if _, err := requests.Ask(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
	time.Sleep(5 * time.Second)
	_, answer, err := requests.Find(w.t.Context(), r.Change, r.Kind)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// proposes records a change that waits.
func (w *world) proposes(items ...change.Item) (handle string) {
	w.t.Helper()
	c := change.Change{ID: change.NewID(), Principal: "local", Tool: "update_contact", Status: change.StatusAwaiting,
		CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour), Items: items}
	if _, err := w.store.Create(w.t.Context(), c, nil); err != nil {
		w.t.Fatal(err)
	}
	return c.ID
}

// trailOf lists the kinds of the events of a change's trail, but for requests to Intercom.
func (w *world) trailOf(id string) (kinds []change.Kind) {
	w.t.Helper()
	for e, err := range w.store.(*sqlite.Store).Events(w.t.Context(), change.EventQuery{Change: id}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if e.Kind != change.KindCall {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// TestCheckAsked reads again what a waiting change touches: one server of two does, nothing is written, and what moved
// on since the plan is told by the places of the items.
func TestCheckAsked(t *testing.T) {
	t.Parallel()
	betweenServers(t, func(t *testing.T, w *world, both []*world) {
		people := w.people(0, 3)
		ask := both[0].try("update_contact", object{"contact": people[1], "set": object{"email": "new@x.example"}},
			func(c *Call) { c.CanAsk = true }).Ask
		several := both[0].do("bulk_update_contacts", rename(w.people(0, 20), "Renamed"))["change"].(string)
		w.sandbox.ResetCalls()
		clicked := click(ask.Change, change.RequestCheck)
		if answer := both[1].asks(clicked); answer == nil || answer.Stale || answer.Problem != "" {
			t.Errorf("nothing moved: %+v", answer)
		}
		if sent := routes(w.sandbox); sent["GET /contacts/{id} 200"] != 1 || len(w.writes()) > 0 {
			t.Errorf("sent: %v", sent)
		}
		w.do("update_contact", object{"contact": people[1], "set": object{"name": "Ann Herself"}})
		if answer := both[1].asks(clicked); answer == nil || answer.Stale {
			t.Errorf("another field moved: %+v", answer)
		}
		w.sandbox.ResetCalls()
		answer := both[1].asks(click(several, change.RequestCheck))
		if answer == nil || !answer.Stale || !slices.Equal(answer.Moved, []int{1}) || answer.Problem != "" {
			t.Errorf("one of 20 moved: %+v", answer)
		}
		if c, err := both[0].store.Find(t.Context(), several); c.Status != change.StatusAwaiting || err != nil {
			t.Errorf("the check made it %s, %v", c.Status, err)
		}
		both[0].do("cancel_change", object{"change": several})
		answer = both[1].asks(click(several, change.RequestCheck))
		if answer == nil || answer.Problem != "the change waits no more: it is cancelled" {
			t.Errorf("of a cancelled change: %+v", answer)
		}
		if len(w.writes()) > 0 {
			t.Errorf("written: %v", w.writes())
		}
	})
}

// TestCheckIsTakenOver has another server answer what one has taken that died.
func TestCheckIsTakenOver(t *testing.T) {
	t.Parallel()
	betweenServers(t, func(t *testing.T, w *world, both []*world) {
		handle := both[0].proposes(renaming(w.user(0)))
		requests := both[0].store.Shared().Requests
		if _, err := requests.Ask(t.Context(), click(handle, change.RequestCheck)); err != nil {
			t.Fatal(err)
		}
		taken, err := requests.Take(t.Context(), change.RequestLease, 1, change.RequestCheck) // by one that dies
		if len(taken) != 1 || err != nil {
			t.Fatal(taken, err)
		}
		time.Sleep(change.RequestLease + 2*time.Second)
		r, answer, err := requests.Find(t.Context(), handle, change.RequestCheck)
		if answer == nil || answer.Problem != "" || r.Taken != 2 || err != nil {
			t.Errorf("%+v, %+v, %v", r, answer, err)
		}
	})
}

// TestUndoAsked undoes, for a person who clicks, the change of another: once, as a change of theirs, which is on record
// with how they said yes.
func TestUndoAsked(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*policy.Policy{
		"unasked": policy.Default(policy.ModeWrite),
		"by a user's yes": func() *policy.Policy {
			p := *policy.Default(policy.ModeWrite)
			p.Rules = append(slices.Clone(p.Rules), policy.Rule{Name: "undo", Tools: []string{"undo_change"},
				Then: policy.Confirm, By: policy.LevelUser})
			return &p
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			betweenServers(t, func(t *testing.T, w *world, both []*world) {
				person := w.user(0)
				done := both[0].do("update_contact", object{"contact": person.ID, "set": object{"name": "Renamed"}})
				handle := done["change"].(string)
				w.sandbox.ResetCalls()
				answer := both[1].asks(click(handle, change.RequestUndo))
				if answer == nil || answer.Problem != "" {
					t.Fatalf("%+v", answer)
				}
				if now, _ := w.sandbox.Contact(person.ID); now.Name != person.Name || len(w.writes()) != 1 {
					t.Errorf("the name is %q after %v", now.Name, w.writes())
				}
				undo, err := both[0].store.Find(t.Context(), answer.Change)
				if err != nil || undo.Undoes != handle || undo.Status != change.StatusApplied || undo.Principal != "ops" ||
					undo.Person.Email != "ops@example.com" || undo.Client != "console" || !slices.Contains(undo.Roles, "operator") {
					t.Errorf("%+v, %v", undo, err)
				}
				if yes := undo.Approval; (name == "unasked") != (yes == nil) || yes != nil && (yes.Level != policy.LevelUser ||
					yes.By != "ops" || yes.Method != "console") {
					t.Errorf("the yes on record: %+v", yes)
				}
				if c, err := both[0].store.Find(t.Context(), handle); c.Status != change.StatusUndone || err != nil {
					t.Errorf("the change is %s, %v", c.Status, err)
				}
				trail := both[0].trailOf(handle)
				if len(trail) < 5 || trail[4] != change.KindUndoAsked || !slices.Contains(trail, change.KindUndoAnswered) {
					t.Errorf("%q", trail)
				}
				if answer = both[1].asks(click(handle, change.RequestUndo)); answer == nil || answer.Change != "" ||
					!strings.Contains(answer.Problem, "undone before") {
					t.Errorf("a second time: %+v", answer)
				}
				if _, err := both[0].store.(*sqlite.Store).VerifyAudit(t.Context()); err != nil {
					t.Error(err)
				}
			}, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Policy = policy.Always(p) })
		})
	}
}

// TestUndoAskedOfMany answers once the undo of many is at work, before its end.
func TestUndoAskedOfMany(t *testing.T) {
	t.Parallel()
	betweenServers(t, func(t *testing.T, w *world, both []*world) {
		handle := both[0].do("bulk_update_contacts", rename(w.people(0, 200), "Renamed"))["change"].(string)
		both[0].do("confirm_change", object{"change": handle})
		for settled := false; !settled; time.Sleep(time.Second) {
			c, err := both[0].store.Find(t.Context(), handle)
			if settled = c.Status == change.StatusApplied; err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		answer := both[1].asks(click(handle, change.RequestUndo))
		for ; answer == nil && time.Since(began) < time.Minute; time.Sleep(time.Second) {
			_, answer, _ = both[1].store.Shared().Requests.Find(t.Context(), handle, change.RequestUndo)
		}
		if answer == nil || answer.Problem != "" {
			t.Fatalf("%+v", answer)
		}
		undo, err := both[0].store.Find(t.Context(), answer.Change)
		if err != nil || undo.Status != change.StatusApplying {
			t.Errorf("it is %s when it is answered, %v", undo.Status, err)
		}
		time.Sleep(5 * time.Minute)
		if undo, err = both[0].store.Find(t.Context(), answer.Change); err != nil || undo.Status != change.StatusApplied {
			t.Errorf("it is %s in the end, %v", undo.Status, err)
		}
	}, withSandbox(func(o *sandbox.Options) { o.Latency, o.NoPreview = 200*time.Millisecond, true }))
}

// TestUndoAskedOfApprovers has an undo wait that the policy wants an approver for: the click of who asks for it is no
// approval.
func TestUndoAskedOfApprovers(t *testing.T) {
	t.Parallel()
	p := *policy.Default(policy.ModeWrite)
	p.Rules = append(slices.Clone(p.Rules), policy.Rule{Name: "undo", Tools: []string{"undo_change"},
		Then: policy.Confirm, By: policy.LevelApprover, Needed: 1})
	betweenServers(t, func(t *testing.T, w *world, both []*world) {
		done := both[0].do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}})
		w.sandbox.ResetCalls()
		clicked := click(done["change"].(string), change.RequestUndo)
		clicked.Roles = []string{"operator", "approver"}
		answer := both[1].asks(clicked)
		if answer == nil || answer.Problem != "" || len(w.writes()) > 0 {
			t.Fatalf("%+v, written: %v", answer, w.writes())
		}
		undo, err := both[0].store.Find(t.Context(), answer.Change)
		if err != nil || undo.Status != change.StatusAwaiting || undo.Level != policy.LevelApprover ||
			undo.Principal != "ops" {
			t.Errorf("%+v, %v", undo, err)
		}
	}, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		c.Policy, c.Approvers = policy.Always(&p), true
	})
}

// TestUndoAskedInVain refuses who may not undo what others did, and what the policy denies them, and writes nothing.
func TestUndoAskedInVain(t *testing.T) {
	t.Parallel()
	denying := *policy.Default(policy.ModeWrite)
	denying.Rules = append(slices.Clone(denying.Rules), policy.Rule{Name: "no undo", Tools: []string{"undo_change"},
		Then: policy.Deny})
	for name, test := range map[string]struct {
		policy *policy.Policy
		roles  []string
		want   string
	}{
		"a viewer":               {nil, []string{"viewer"}, "The change is another's, which you may see and no more."},
		"an approver":            {nil, []string{"approver"}, "no such change"},
		"nobody in particular":   {nil, nil, "no such change"},
		"who the policy forbids": {&denying, []string{"operator"}, "The policy forbids this: "},
	} {
		t.Run(name, func(t *testing.T) {
			betweenServers(t, func(t *testing.T, w *world, both []*world) {
				done := both[0].do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}})
				clicked := click(done["change"].(string), change.RequestUndo)
				clicked.Roles = test.roles
				w.sandbox.ResetCalls()
				answer := both[1].asks(clicked)
				if answer == nil || answer.Change != "" || !strings.Contains(strings.ToLower(answer.Problem),
					strings.ToLower(test.want)) {
					t.Errorf("%+v, want %q", answer, test.want)
				}
				if len(w.writes()) > 0 {
					t.Errorf("written: %v", w.writes())
				}
			}, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
				c.Policy = policy.Always(cmp.Or(test.policy, policy.Default(policy.ModeWrite)))
			})
		})
	}
}

// TestServersSeen tells which servers are there, and has one that may only read neither say so nor answer.
func TestServersSeen(t *testing.T) {
	t.Parallel()
	for mode, want := range map[policy.Mode]int{policy.ModeRead: 0, policy.ModeWrite: 2, policy.ModeFull: 2} {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			betweenServers(t, func(t *testing.T, w *world, both []*world) {
				handle := both[0].proposes(renaming(w.user(0)))
				if answer := both[0].asks(click(handle, change.RequestCheck)); (answer == nil) != (want == 0) {
					t.Errorf("%+v", answer)
				}
				time.Sleep(change.SeenEvery)
				list, err := both[0].store.Shared().Servers.List(t.Context(), change.SeenWithin)
				if err != nil || len(list) != want {
					t.Fatalf("%+v, %v", list, err)
				}
				for _, i := range list {
					if i.Mode != string(mode) || i.Revision != w.current().Revision || i.Version != "" || i.ID == "" {
						t.Errorf("%+v", i)
					}
				}
				for _, server := range both {
					server.Close(t.Context())
				}
				time.Sleep(change.SeenWithin)
				if list, err = both[0].store.Shared().Servers.List(t.Context(), change.SeenWithin); err != nil || len(list) > 0 {
					t.Errorf("after they ended: %+v, %v", list, err)
				}
			}, inMode(mode))
		})
	}
}
