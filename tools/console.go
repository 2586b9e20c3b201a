package tools

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
)

// Console is what the pages for people show and do. What it shows is masked as it is for a viewer. It asks Intercom for
// nothing, and is safe for concurrent use.
type Console struct {
	pipeline *Pipeline
	trail    change.Durable // nil where no trail is kept
}

// Console returns the console over the changes and the policy of the pipeline. trail is its store where that keeps an
// audit trail; else nil.
func (p *Pipeline) Console(trail change.Durable) *Console { return &Console{p, trail} }

// The errors of a [Console], to be tested with errors.Is, besides those of its store.
var (
	// ErrNotAllowed: the visitor lacks the role for it.
	ErrNotAllowed = errors.New("you may not do this")
	// ErrNoTrail: the store keeps no audit trail.
	ErrNoTrail = errors.New("the server keeps no audit trail")
)

// Visitor is a person who opened the console.
type Visitor struct {
	Principal string
	Person    policy.Person
	Roles     []string // approver counts here
	Method    string   // as in [change.Session]
}

// Has reports whether the visitor has a role.
func (v *Visitor) Has(role string) bool { return slices.Contains(v.Roles, role) }

// Sees reports whether the visitor sees the changes of others.
func (v *Visitor) Sees() bool { return v.Operates() || v.Approves() || v.Has(RoleViewer) }

// Operates reports whether the visitor stops and undoes the changes of others, and freezes writes.
func (v *Visitor) Operates() bool { return v.Has(RoleOperator) }

// Approves reports whether the visitor may approve what others ask for, as far as the role goes.
func (v *Visitor) Approves() bool { return v.Has(policy.RoleApprover) }

// Name is how people know the visitor.
func (v *Visitor) Name() string {
	return render.Requester(&change.Change{Principal: v.Principal, Person: v.Person})
}

// actor is the visitor in the records.
func (v *Visitor) actor() change.Actor {
	return change.Actor{By: v.Name(), Level: policy.LevelUser, Method: "console, " + v.Method}
}

// session begins what a visitor asks for.
func (c *Console) session(v *Visitor) *session {
	tool := &Tool{Name: "get_change"}
	return c.pipeline.newSession(Call{Tool: tool.Name, Principal: v.Principal, Roles: v.Roles, Operator: v.Sees(),
		Person: v.Person}, tool)
}

// ConsoleLine is a change in a list. Texts are for people, and may hold what customers wrote.
type ConsoleLine struct {
	ID         string
	Code       string // by which people tell proposals apart, as the assistant shows it
	Title      string // "update 3 contacts"
	Status     change.Status
	Level      policy.Level
	By         string // who asked
	Client     string // what their program calls itself; may be empty
	Created    time.Time
	Expires    time.Time // of what waits; else zero
	Items      int
	Outcomes   string // "3 changed, 1 failed"
	Final      bool   // it cannot be undone
	Mine       bool   // the visitor asked for it
	ByApprover bool   // it waits for a person in the console
}

// ConsoleFilter selects changes.
type ConsoleFilter struct {
	Status change.Status // empty: any
	Of     string        // a principal or an e-mail; empty: anyone whom the visitor sees
	After  string        // handle of the last of the page before
	Limit  int           // 0: 50
}

// Changes lists changes that the visitor sees, newest first, and tells where the next page begins; "" for the last.
func (c *Console) Changes(ctx context.Context, v *Visitor, f ConsoleFilter) (lines []ConsoleLine, next string,
	err error) {
	s := c.session(v)
	limit := cmp.Or(f.Limit, 50)
	principal, query := v.Principal, change.Query{Status: f.Status, At: time.Now(), After: f.After, Limit: limit + 1}
	if v.Sees() {
		principal = ""
		if strings.Contains(f.Of, "@") && !strings.Contains(f.Of, "://") {
			query.Email = f.Of
		} else {
			principal = f.Of
		}
	}
	list, err := s.store.List(ctx, principal, query)
	if err != nil {
		return nil, "", err
	}
	if len(list) > limit {
		list, next = list[:limit], list[limit-1].Change.ID
	}
	for i := range list {
		line := consoleLine(s, &list[i].Change, list[i].Count.Total(), &list[i].First, v)
		line.Outcomes, err = s.view.Outcomes(&list[i], func() (change.Change, error) {
			return s.store.Find(ctx, list[i].Change.ID)
		})
		if err != nil {
			return nil, "", err
		}
		lines = append(lines, line)
	}
	return lines, next, nil
}

// consoleLine is a change of so many items in a list.
func consoleLine(s *session, c *change.Change, items int, first *change.Item, v *Visitor) ConsoleLine {
	line := ConsoleLine{
		ID: c.ID, Code: change.ShortCode(c.ID), Title: clean(s.view.Title(c, items, first)), Status: c.StatusAt(time.Now()),
		Level: c.Level,
		By:    render.Requester(c), Client: text.Clip(text.Clean(c.Client), 60), Created: c.CreatedAt, Items: items,
		Final: c.Irreversible != "", Mine: c.Principal == v.Principal,
	}
	if line.By == policy.LocalPrincipal {
		line.By = "Somebody at this machine"
	}
	if line.Status == change.StatusAwaiting || line.Status == change.StatusApproved {
		line.Expires = c.ExpiresAt
	}
	line.ByApprover = line.Status == change.StatusAwaiting && c.Level == policy.LevelApprover
	return line
}

// Frozen returns the freeze in force, and whether there is one.
func (c *Console) Frozen(ctx context.Context) (change.Freeze, bool, error) {
	return c.pipeline.store.Shared().Stops.Frozen(ctx)
}

// Stop takes back a change that waits, or has one that is applied stopped: the visitor's own, or as an operator
// anyone's.
func (c *Console) Stop(ctx context.Context, v *Visitor, id, reason string) error {
	s := c.session(v)
	found, err := findForPage(ctx, s, id)
	if err != nil {
		return err
	}
	if s.isOthers(&found) && !v.Operates() {
		return ErrNotAllowed
	}
	step := change.Step{To: change.StatusCancelled, At: time.Now(), Actor: v.actor(), Reason: reason}
	found, err = s.store.Advance(ctx, id, step)
	if errors.Is(err, change.ErrStatusChanged) && found.Status == change.StatusApplying {
		return s.engine.StopChange(ctx, id, step.Actor, reason)
	}
	return err
}

// Freeze refuses all writes, and stops those that run. It takes an operator.
func (c *Console) Freeze(ctx context.Context, v *Visitor, reason string) error {
	if !v.Operates() {
		return ErrNotAllowed
	}
	return c.pipeline.store.Shared().Stops.Freeze(ctx, v.actor(), reason)
}

// Unfreeze allows writes again, and reports whether they were frozen. It takes an operator.
func (c *Console) Unfreeze(ctx context.Context, v *Visitor) (bool, error) {
	if !v.Operates() {
		return false, ErrNotAllowed
	}
	return c.pipeline.store.Shared().Stops.Unfreeze(ctx, v.actor())
}
