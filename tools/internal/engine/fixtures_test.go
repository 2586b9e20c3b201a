package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is an engine on the embedded Intercom, whose changes are in memory.
type fixture struct {
	*Engine
	resumer *Resumer
	t       testing.TB
	sandbox *sandbox.Sandbox
	client  *intercom.Client
	store   change.Store
	policy  atomic.Pointer[policy.Policy]
	words   plain
	denied  atomic.Value // of string: why the policy in force denies what runs
	foreign bool         // what was approved and not begun is for another server
	logs    bytes.Buffer
}

func newFixture(t testing.TB, options sandbox.Options, observe ...func(context.Context, intercom.Exchange)) *fixture {
	t.Helper()
	f := &fixture{t: t, sandbox: sandbox.New(options), store: change.NewMemory(100)}
	f.policy.Store(policy.Default(policy.ModeFull))
	f.denied.Store("")
	config := intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1", Transport: f.sandbox}
	if len(observe) > 0 {
		config.Observe = observe[0]
	}
	client, err := intercom.New(config)
	if err != nil {
		t.Fatal(err)
	}
	f.client = client
	f.restart()
	t.Cleanup(func() { f.Close(context.Background()) })
	return f
}

// restart replaces the engine, as by another process: the one before must be at rest.
func (f *fixture) restart() {
	f.Engine = New(Config{
		Client: f.client, Lists: directory.NewLists(f.client), Store: f.store,
		Log:    slog.New(slog.NewTextHandler(&f.logs, nil)),
		Policy: f.policy.Load,
		Words:  func(*change.Change) Words { return f.words },
		Denied: func(context.Context, *change.Change) string { return f.denied.Load().(string) },
	})
	f.resumer = NewResumer(f.Engine, false, func(context.Context, *change.Change) (change.Decide, bool) {
		return nil, !f.foreign
	})
}

// logged counts how often something was logged so far. The engine must be at rest.
func (f *fixture) logged(message string) int {
	return strings.Count(f.logs.String(), "msg=\""+message+"\"")
}

// plain are words of which some fields are masked.
type plain struct{ masked []string }

func (plain) Who(item *change.Item) string                        { return item.Label }
func (plain) Value(_ *change.Item, _ string, value any) string    { return record.Scalar(value) }
func (p plain) Masks(field string) bool                           { return slices.Contains(p.masked, field) }
func (plain) Explain(_ context.Context, err error) *toolerr.Error { return explained(err) }

// explained words an error by its kind.
func explained(err error) *toolerr.Error {
	var known *toolerr.Error
	var upstream *intercom.Error
	switch {
	case errors.As(err, &known):
		return known
	case !errors.As(err, &upstream):
		return toolerr.New(toolerr.Internal, err.Error(), "")
	}
	code := map[intercom.Kind]toolerr.Code{
		intercom.KindNotFound: toolerr.NotFound, intercom.KindMerged: toolerr.Merged,
		intercom.KindRateLimited: toolerr.RateLimited,
		intercom.KindUnavailable: toolerr.UpstreamUnavailable, intercom.KindOutcomeUnknown: toolerr.OutcomeUnknown,
		intercom.KindConflict: toolerr.Conflict,
	}[upstream.Kind()]
	if code == "" {
		code = toolerr.InvalidArgument
	}
	e := toolerr.New(code, upstream.Message, "")
	if code == toolerr.UpstreamUnavailable {
		e.Next = "Nothing was changed."
	}
	e.RequestID = upstream.RequestID
	return e
}

// users are the workspace's plain users.
func (f *fixture) users() []sandbox.Contact {
	return f.sandbox.ContactsWhere(func(c *sandbox.Contact) bool {
		return c.Role == "user" && !c.Archived && c.MergedInto == "" && c.CustomAttributes["plan"] == "trial"
	})
}

// user is the i-th of them.
func (f *fixture) user(i int) sandbox.Contact { return f.users()[i] }

// lead makes a lead who has the e-mail of the first user.
func (f *fixture) lead() sandbox.Contact {
	f.t.Helper()
	made, err := f.client.Contacts.Create(f.t.Context(), intercom.ContactWrite{Role: intercom.Value("lead"),
		Name: intercom.Value("A Lead"), Email: intercom.Value(f.user(0).Email)})
	if err != nil {
		f.t.Fatal(err)
	}
	c, _ := f.sandbox.Contact(made.ID)
	return c
}

// renamings are items that rename the first users.
func (f *fixture) renamings(n int) []change.Item {
	var items []change.Item
	for _, c := range f.users()[:n] {
		items = append(items, change.Item{TargetID: c.ID, Label: c.Email,
			Patch:  change.Patch{Set: map[string]any{"name": "Renamed"}},
			Before: change.Image{Set: map[string]any{"name": c.Name}}})
	}
	return items
}

// renaming is an item that renames the i-th user.
func (f *fixture) renaming(i int) change.Item { return f.renamings(i + 1)[i] }

// planned records a change that was allowed a moment ago.
func (f *fixture) planned(items ...change.Item) change.Change {
	f.t.Helper()
	return f.plannedAt(time.Now(), items...)
}

func (f *fixture) plannedAt(at time.Time, items ...change.Item) change.Change {
	f.t.Helper()
	c, err := f.store.Create(f.t.Context(), change.Change{ID: change.NewID(), Principal: "local", Tool: "update_contact",
		Status: change.StatusApproved, Revision: f.policy.Load().Revision,
		Fingerprint: "the same", CreatedAt: at, ExpiresAt: at.Add(10 * time.Minute), Items: items}, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// applied carries a change out, and returns it as it is then.
func (f *fixture) applied(items ...change.Item) change.Change {
	f.t.Helper()
	return f.finished(f.planned(items...))
}

// finished carries a planned change out.
func (f *fixture) finished(c change.Change) change.Change {
	f.t.Helper()
	if _, err := f.Start(f.t.Context(), c, change.Step{}); err != nil {
		f.t.Fatal(err)
	}
	f.Idle()
	return f.stored(c.ID)
}

// stored is a change as the store keeps it.
func (f *fixture) stored(id string) change.Change {
	f.t.Helper()
	c, err := f.store.Get(f.t.Context(), "local", id)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// interrupted is a change whose process died when it had begun.
func (f *fixture) interrupted(items ...change.Item) change.Change {
	f.t.Helper()
	c, err := f.store.Advance(f.t.Context(), f.planned(items...).ID,
		change.Step{To: change.StatusApplying, At: time.Now()})
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// applier is one that works on a change which has begun.
func (f *fixture) applier(items ...change.Item) *applier {
	f.t.Helper()
	c := f.interrupted(items...)
	return &applier{client: f.client, lists: directory.NewLists(f.client), store: f.store,
		log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		noBulk: new(atomic.Bool), jobTook: new(atomic.Int64), words: f.words, judge: newJudge(&c, f.words),
		run:     &run{halt: newHalt(), ended: make(chan struct{}), total: len(items)},
		change:  &c,
		earlier: earlier{left: make(map[int]change.Patch)}, undone: make(map[int]change.Recorded)}
}

// writes lists the requests that changed something in Intercom.
func (f *fixture) writes() []string {
	var list []string
	for _, call := range f.sandbox.Calls() {
		if call.Method != "GET" && call.Route != "POST /contacts/search" && call.Route != "POST /companies/list" {
			list = append(list, call.Route)
		}
	}
	return list
}

// upstream is Intercom's refusal with a status.
func upstream(status int, message string) *intercom.Error {
	return &intercom.Error{Status: status, Message: message, Sent: true, RequestID: "req-1"}
}

// lostAnswer is the error of a request of which nobody knows whether it took effect.
func lostAnswer(t testing.TB) error {
	t.Helper()
	return failedWrite(t, sandbox.Fault{ResetAfter: true})
}

// failedWrite is the error of a write of unknown outcome that a fault strikes.
func failedWrite(t testing.TB, fault sandbox.Fault) error {
	t.Helper()
	sb := sandbox.New(sandbox.Options{Contacts: 1})
	fault.Method, fault.Path = "POST", "/contacts"
	sb.AddFault(fault)
	client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1", Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Contacts.Create(t.Context(), intercom.ContactWrite{Name: intercom.Value("Lost")})
	if intercom.KindOf(err) != intercom.KindOutcomeUnknown {
		t.Fatal(err)
	}
	return err
}

// sandboxOfFew is a small workspace.
var sandboxOfFew = sandbox.Options{Contacts: 60}
