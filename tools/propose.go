package tools

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gowebpki/jcs"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

const (
	// window is the span over which a principal's unconfirmed writes add up.
	window = 10 * time.Minute
	// declineSticks is how long a person's no holds for the same call.
	declineSticks = 30 * time.Minute
	// duplicateFor is how long a call that may not be repeated by accident
	// answers with the change that it led to first.
	duplicateFor = 10 * time.Minute
)

// binding ties a change and its confirmation to this very call: SHA-256 of
// the tool and its canonical arguments (RFC 8785).
func (s *session) binding() (string, error) {
	canonical, err := jcs.Transform(s.args)
	if err != nil {
		return "", fmt.Errorf("canonical arguments: %w", err)
	}
	sum := sha256.Sum256(append([]byte(s.tool.Name+"\x00"), canonical...))
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// propose takes a draft through the decision: it is applied, or waits for its
// confirmation, or is refused.
func (s *session) propose(ctx context.Context, d *draft) (any, error) {
	binding, err := s.binding()
	if err != nil {
		return nil, err
	}
	c, first, err := s.decideAndRecord(ctx, d, binding)
	switch {
	case err != nil:
		return nil, err
	case first != nil:
		return first, nil
	case c.Status == change.StatusApproved:
		answer, err := s.carryOut(ctx, c, nil)
		if errors.Is(err, change.ErrUnavailable) {
			err = s.unbegun(ctx, c, err)
		}
		return answer, err
	}
	return s.ask(c)
}

// decideAndRecord makes a change of a draft, as one step: what it is to write
// counts in the next decision. For a duplicate it returns what the first call
// led to instead.
func (s *session) decideAndRecord(ctx context.Context, d *draft, binding string) (c change.Change, first *ChangeResult, err error) {
	if err := s.deciding.take(ctx); err != nil {
		return c, nil, err
	}
	defer s.deciding.give()
	effect, err := change.EffectOf(d.items)
	if err != nil {
		return c, nil, err
	}
	for {
		latest, err := s.latest(ctx, effect)
		if err != nil {
			return c, nil, err
		}
		if d.once && duplicates(latest) {
			return c, s.duplicate(latest), nil
		}
		request, err := s.request(ctx, d, latest)
		if err != nil {
			return c, nil, err
		}
		if c, err = s.enter(ctx, d, binding, effect, request); err != nil {
			return c, nil, err
		}
		overtaken, err := s.overtaken(context.WithoutCancel(ctx), c, request) // no caller leaves it between two steps
		if err != nil {
			return c, nil, s.unbegun(ctx, c, err)
		}
		if !overtaken {
			return c, nil, nil
		}
	}
}

// enter decides on a request and records the change that may follow.
func (s *session) enter(ctx context.Context, d *draft, binding, effect string, request policy.Request) (change.Change, error) {
	decision := s.policy.Decide(request)
	switch {
	case decision.Verdict == policy.Deny:
		return change.Change{}, denied(decision)
	case decision.Unreachable:
		return change.Change{}, unreachable(decision.Level)
	}
	now := time.Now()
	c := change.Change{
		ID: change.NewID(), Principal: s.call.Principal, Tool: s.tool.Name, Binding: binding, Effect: effect, Status: change.StatusApproved,
		Level: decision.Level, Decision: decision, Revision: s.policy.Revision, Title: d.title(), Notes: s.notes,
		CreatedAt: now, ExpiresAt: now.Add(s.policy.Confirm.TTL), Items: d.items, Undoes: d.undoes,
	}
	if decision.Verdict == policy.Confirm {
		c.Status = change.StatusAwaiting
		c.Preview = s.preview(d, decision)
	}
	if err := s.store.Create(ctx, c); err != nil {
		return c, fmt.Errorf("recording the change: %w", err)
	}
	s.came = c.ID
	return c, nil
}

// overtaken reports whether another process recorded so much between the
// decision and the record of an allowed change that the decision would be
// another now. The change is then taken back, to be decided upon again. What
// adds nothing to the window cannot be overtaken.
func (s *session) overtaken(ctx context.Context, c change.Change, request policy.Request) (bool, error) {
	if c.Status != change.StatusApproved || c.Undoes != "" || request.Contacts == 0 {
		return false, nil
	}
	written, err := s.store.Written(ctx, s.call.Principal, c.CreatedAt.Add(-window))
	if err != nil {
		return false, fmt.Errorf("counting recent writes: %w", err)
	}
	request.Window.Contacts = max(request.Window.Contacts, written)
	if s.policy.Decide(request).Verdict == policy.Allow {
		return false, nil
	}
	_, err = s.store.Advance(ctx, c.ID, change.Step{To: change.StatusCancelled, At: time.Now(), Reason: "other writes came first"})
	if errors.Is(err, change.ErrMoved) {
		return false, nil // somebody decided and began it meanwhile
	}
	s.came = ""
	return true, err
}

// latest is the newest change with the same effect, zero where there is none.
func (s *session) latest(ctx context.Context, effect string) (change.Change, error) {
	if effect == "" { // nothing is to be written
		return change.Change{}, nil
	}
	latest, err := s.store.Latest(ctx, s.call.Principal, effect)
	if err != nil && !errors.Is(err, change.ErrNotFound) {
		return latest, fmt.Errorf("looking for the same change: %w", err)
	}
	return latest, nil
}

// declined reports whether the newest change of an effect was declined lately.
func declined(latest change.Change) bool {
	return latest.Status == change.StatusDeclined && time.Since(latest.EndedAt) <= declineSticks
}

// duplicates reports whether a change makes another of the same effect a
// duplicate: it is recent, and did or may still do what is asked for.
func duplicates(latest change.Change) bool {
	if time.Since(latest.CreatedAt) > duplicateFor {
		return false
	}
	switch latest.Status {
	case change.StatusAwaiting:
		return time.Now().Before(latest.ExpiresAt)
	case change.StatusApproved, change.StatusApplying, change.StatusApplied, change.StatusPartial, change.StatusUnknown:
		return true
	}
	return false
}

// duplicate answers a repeated call with what it led to first.
func (s *session) duplicate(latest change.Change) *ChangeResult {
	result := s.receipt(latest)
	if latest.Status == change.StatusAwaiting {
		result.Preview, result.ExpiresAt = latest.Preview, isoTime(latest.ExpiresAt)
		result.addNote("the very same waits for its confirmation already, nothing is written yet; confirm_change goes on with it")
		return result
	}
	result.DuplicateOf = latest.ID
	result.addNote("the same was written " + time.Since(latest.CreatedAt).Round(time.Second).String() + " ago; set allow_duplicate to do it again")
	return result
}

// request gathers the facts that the policy decides on. latest is the newest
// change of the same effect, zero where there is none.
func (s *session) request(ctx context.Context, d *draft, latest change.Change) (policy.Request, error) {
	pending := 0
	var fields []string
	for i := range d.items {
		if d.items[i].Outcome != change.Pending {
			continue
		}
		pending++
		if d.items[i].Patch.Op != change.Create { // a new contact takes nobody's identity
			fields = append(fields, d.items[i].Patch.Fields()...)
		}
	}
	slices.Sort(fields)
	now := time.Now()
	written, err := s.store.Written(ctx, s.call.Principal, now.Add(-window))
	if err != nil {
		return policy.Request{}, fmt.Errorf("counting recent writes: %w", err)
	}
	request := policy.Request{
		Tool: s.tool.Name, Effect: s.tool.Effect, Principal: s.call.Principal, Contacts: pending, Fields: slices.Compact(fields),
		Reach: policy.LevelAgent, Declined: declined(latest),
	}
	switch {
	case d.undoes != "":
		request.Window.Contacts = pending // taking back adds nothing to what was written
	case pending > 0:
		request.Window.Contacts = written + pending
	}
	if s.call.CanAsk {
		request.Reach = policy.LevelUser
	}
	return request, nil
}

// denied words a refusal. It never describes a way around itself.
func denied(decision policy.Decision) *Error {
	var why []string
	for _, reason := range decision.Reasons {
		if reason.Verdict == policy.Deny {
			why = append(why, reason.Text)
		}
	}
	return fail(PolicyDenied, "The policy forbids this: "+strings.Join(why, "; ")+".", "Nothing was changed; tell the user.").with("rule", decision.Rule())
}

// title is the change in a few words.
func (d *draft) title() string {
	if len(d.items) == 1 && d.noun == "" {
		return d.verb + " " + d.items[0].Label
	}
	return d.verb + " " + d.targets(len(d.items))
}

// ask puts a waiting change to whom its level wants: the user by way of the
// client, or the agent itself.
func (s *session) ask(c change.Change) (any, error) {
	if c.Level == policy.LevelUser && s.call.CanAsk {
		binding, err := s.binding()
		if err != nil {
			return nil, err
		}
		return &Ask{Change: c.ID, Binding: binding, Message: c.Preview, Expires: c.ExpiresAt}, nil
	}
	result := s.receipt(c)
	result.Preview = c.Preview
	result.ExpiresAt = isoTime(c.ExpiresAt)
	result.addNote("nothing is changed yet; show the preview to the user, and call confirm_change if they agree")
	return result, nil
}

// answered goes on with a change after the user answered the question. handle
// is the change that the call names, empty where the call planned it itself.
func (s *session) answered(ctx context.Context, answer Answer, handle string) (any, error) {
	binding, err := s.binding()
	if err != nil {
		return nil, err
	}
	mismatch := fail(ChangeMismatch, "The confirmation belongs to a call with other arguments.", "Nothing was changed; make the call anew.")
	if answer.Binding != binding {
		return nil, mismatch
	}
	c, err := s.store.Get(ctx, s.call.Principal, answer.Change)
	if errors.Is(err, change.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	if err != nil {
		return nil, err
	}
	if handle != "" && c.ID != handle || handle == "" && c.Binding != binding {
		return nil, mismatch
	}
	switch answer.Action {
	case Accept:
		return s.confirm(ctx, c, policy.LevelUser, answer.Via)
	case Decline:
		return s.decline(ctx, c)
	}
	result := s.receipt(c)
	result.addNote("the user has not confirmed, nothing is changed; if they want it, confirm_change asks again until " + isoTime(c.ExpiresAt))
	return result, nil
}

// decline records a person's no, to this change and to the newest of the same
// effect, from which the next such change learns of it.
func (s *session) decline(ctx context.Context, c change.Change) (any, error) {
	c, err := s.store.Advance(ctx, c.ID, change.Step{To: change.StatusDeclined, At: time.Now()})
	if err != nil {
		return s.moved(ctx, c, err)
	}
	latest, err := s.latest(ctx, c.Effect)
	if err == nil && latest.Status == change.StatusAwaiting {
		_, err = s.store.Advance(ctx, latest.ID, change.Step{To: change.StatusDeclined, At: time.Now()})
	}
	if err != nil && !errors.Is(err, change.ErrMoved) {
		return nil, fmt.Errorf("recording the no: %w", err)
	}
	result := s.receipt(c)
	result.addNote("the user declined, nothing was changed; do not try again unless the user asks for it")
	return result, nil
}
