package tools

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gowebpki/jcs"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// duplicateFor is how long a call that may not be repeated by accident answers with the change that it led to first.
const duplicateFor = 10 * time.Minute

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

// propose has the policy decide about a draft, which is then applied, waits for its confirmation, or is refused.
func propose(ctx context.Context, s *session, d *draft) (any, error) {
	binding, err := s.binding()
	if err != nil {
		return nil, err
	}
	if err := freshen(ctx, s, d); err != nil {
		return nil, err
	}
	d.identities, d.searched = identities{}, nil // large drafts have many: free them early
	c, err := recordDraft(ctx, s, gather(ctx, s, &change.Change{Items: d.items}), d, binding)
	s.changeID = c.ID
	var first *sameAs
	switch {
	case errors.As(err, &first):
		return answerDuplicate(ctx, s, first.change)
	case errors.Is(err, change.ErrUnavailable) && c.ID != "":
		s.log.ErrorContext(ctx, "taking back a recorded change", "change", c.ID, "err", err)
		return nil, toolerr.New(toolerr.OutcomeUnknown, "The server recorded the change, and then failed to record more.",
			"get_change tells whether it was carried out.").OrByHand(showCommand(c.ID)+
			" tells whether it was carried out.").With("change", c.ID)
	case err != nil:
		return nil, err
	}
	if c.Status == change.StatusApplying {
		return await(ctx, s, &c)
	}
	if d.preview {
		return waits(s, c, s.view.Preview(&c, c.Decision))
	}
	if c.Level == policy.LevelUser && s.call.CanAsk {
		s.asked.first(c.Principal, c.ID, time.Now())
	}
	return ask(s, c, c.Decision, c.Level)
}

// sameAs is the error of a repeated call, and names the change that the first one led to. Two undos of one change are
// the same call.
type sameAs struct{ change *change.Change }

// Error implements error.
func (e *sameAs) Error() string { return "the same call led to " + e.change.ID }

// Unwrap returns the error to report where the repeated call cannot be answered by what became of the first.
func (e *sameAs) Unwrap() error {
	return toolerr.New(toolerr.ChangeUsed, "The same call led to "+e.change.ID+".",
		"get_change tells what it did.").OrByHand(showCommand(e.change.ID) + " tells what it did.")
}

// recordDraft records a draft as a change, and has the engine begin the change if the policy allows it. Deciding and
// recording are one step of the store: of calls at the same time, in this process or others, each is decided knowing
// what the earlier ones are about to write.
func recordDraft(ctx context.Context, s *session, known *facts, d *draft, binding string) (change.Change, error) {
	fingerprint, err := change.FingerprintOf(d.items)
	if err != nil {
		return change.Change{}, err
	}
	c := d.change(s)
	c.ID, c.Salt, c.Binding, c.Fingerprint = change.NewID(), rand.Text(), binding, fingerprint
	now := c.CreatedAt
	if s.policy.Audit.Values {
		if c.AuditValues, err = auditValues(s.mask, d.items); err != nil {
			return change.Change{}, err
		}
	}
	return s.engine.Create(ctx, c, func(c *change.Change, recent change.Recent) error {
		if d.once && duplicates(recent.Latest, now) {
			return &sameAs{recent.Latest}
		}
		if recent.Undoing != nil {
			return undoneBy(s, recent.Undoing, d.part)
		}
		c.Decision = s.decide(known, c, recent, nil)
		c.Status = change.StatusApproved
		switch {
		case c.Decision.Verdict == policy.Deny:
			return denied(s, c.Decision)
		case len(render.Pending(c.Items)) == 0: // there is nothing to ask about
		case c.Decision.Unreachable:
			return unreachable(s, c.Decision.Level)
		case c.Decision.Verdict == policy.Confirm:
			c.Level, c.Status = c.Decision.Level, change.StatusAwaiting
			if c.Level == policy.LevelApprover {
				awaitApprovers(s, c)
			}
		case d.preview:
			c.Level, c.Status = policy.LevelAgent, change.StatusAwaiting
		}
		if c.Status == change.StatusAwaiting {
			return refusesToWait(s, c.Level, recent)
		}
		return stillWriting(s, recent)
	})
}

// stillWriting refuses to begin a change while another one that has begun may yet write the same: it would write over
// this one's, or be written over. Whoever plans may do so: that the targets changed since shows when it begins.
func stillWriting(s *session, recent change.Recent) error {
	switch {
	case recent.Writing == nil:
		return nil
	case s.isOthers(recent.Writing):
		return toolerr.New(toolerr.Busy, "Somebody else's change that has not ended writes the same.",
			"Nothing was changed by this call; make it again in a minute.")
	}
	return toolerr.New(toolerr.Busy, recent.Writing.ID+", which has not ended, writes the same.",
		"Nothing was changed by this call; make it again once get_change tells that the other has ended.").OrByHand(
		"Nothing was changed; try again once the other has ended. " + goOnCommand(recent.Writing.ID))
}

// refusesToWait refuses a change that has to wait for a confirmation at a level, if too many of the principal's changes
// wait already.
func refusesToWait(s *session, level policy.Level, recent change.Recent) error {
	limit, why := s.policy.Limits.RefusesToWait(level, policy.Waiting{
		Changes: recent.Waiting, Bytes: recent.WaitingBytes,
		Unanswered: max(recent.Unanswered, s.asked.lately(s.call.Principal, time.Now()))})
	if limit == "" {
		return nil
	}
	next := "Nothing was changed; have those confirmed, or cancel_change them: list_changes shows them."
	byHand := "Nothing was changed; have those confirmed, or stop them: 'intercom-mcp changes list' shows them."
	if limit == "unanswered_per_10m" {
		next = "Nothing was changed; ask the user what they want, and wait 10 minutes."
		byHand = "Nothing was changed; wait 10 minutes."
	}
	return toolerr.New(toolerr.PolicyDenied, text.Capitalise(text.Sentence(why)), next).OrByHand(byHand).With("rule",
		limit)
}

// duplicates reports whether a new change that writes the same as latest would be a duplicate of it: latest is recent,
// and has written, or may still write, what is asked for.
func duplicates(latest *change.Change, now time.Time) bool {
	if latest == nil || now.Sub(latest.CreatedAt) > duplicateFor {
		return false
	}
	switch latest.Status {
	case change.StatusAwaiting:
		return !latest.Overdue(now)
	case change.StatusApproved, change.StatusApplying, change.StatusApplied, change.StatusPartial, change.StatusUnknown:
		return true
	}
	return false
}

// answerDuplicate answers a repeated call with the change that the first one led to, after waiting for it as that did.
func answerDuplicate(ctx context.Context, s *session, first *change.Change) (any, error) {
	if first.Status != change.StatusAwaiting {
		if err := waitFor(ctx, s, first); err != nil {
			return nil, err
		}
	}
	c, err := s.store.Get(callersOf(ctx), s.call.Principal, first.ID)
	if err != nil {
		return nil, err
	}
	result := s.view.Receipt(c)
	if c.Status == change.StatusAwaiting {
		s.view.Await(result, &c)
		offerView(s, &c)
		result.AddNote("the very same waits for its confirmation already, nothing is written yet" + howConfirmed(s, &c))
		return result, nil
	}
	if !duplicates(&c, time.Now()) { // it ended without writing
		return outcome(s, c)
	}
	result.DuplicateOf = c.ID
	if c.Undoes != "" {
		result.AddNote("another call was putting it back already: this is what it did")
		return result, nil
	}
	result.AddNote("the same was written " + time.Since(c.CreatedAt).Round(time.Second).String() +
		" ago; set allow_duplicate to do it again")
	return result, nil
}

// howConfirmed says how a change that waits is confirmed, or why this client cannot confirm it.
func howConfirmed(s *session, c *change.Change) string {
	if c.Level == policy.LevelApprover && s.approvers {
		return "; " + whereApproved(s, c)
	}
	if c.Level > policy.LevelAgent && !s.call.CanAsk {
		return "; it needs " + confirmationOf(c.Level) + ", which cannot be asked for here"
	}
	return "; confirm_change goes on with it"
}

// decide has the policy decide about a change by the facts that [gather] has gathered about it, and about the
// contacts that it makes as if create_contact made them. adjust completes the request; it may be nil.
func (s *session) decide(known *facts, c *change.Change, recent change.Recent,
	adjust func(*policy.Request)) policy.Decision {
	request := s.request(known, c, recent)
	if adjust != nil {
		adjust(&request)
	}
	decision := s.decideBoth(request)
	if createsContacts(c) {
		aboutTool(&request, createdBy)
		decision = policy.Both(decision, s.decideBoth(request))
	}
	return decision
}

// createsContacts reports whether a change of another tool than create_contact is to make contacts.
func createsContacts(c *change.Change) bool {
	return c.Tool != createdBy && slices.ContainsFunc(render.Pending(c.Items),
		func(item *change.Item) bool { return item.Patch.Traits().CreatesContact() })
}

// decideBoth has the policy decide for the person and the roles that the change was made with, and again for those that
// the caller has now, if they differ. The stricter decision counts: so does a role that was lost or given since.
func (s *session) decideBoth(request policy.Request) policy.Decision {
	decision := s.inForce.For(policy.Who{Roles: request.Roles, Mode: s.call.Mode}).Decide(request)
	now := request
	now.Person, now.Roles, now.Client = s.call.Person, s.call.Roles, s.call.Client
	if now.Person == request.Person && now.Client == request.Client && slices.Equal(now.Roles, request.Roles) {
		return decision
	}
	return policy.Both(decision, s.policy.Decide(now))
}

// request is what the policy is asked about a change.
func (s *session) request(known *facts, c *change.Change, recent change.Recent) policy.Request {
	request := policy.Request{
		Principal: c.Principal, Reversible: c.Irreversible == "",
		Window: policy.Window{Unconfirmed: recent.Unconfirmed, Notes: recent.Notes, All: recent.Written},
		Reach:  policy.LevelAgent, Declined: recent.Declined, Contested: recent.Contested,
		Person: c.Person, Roles: c.Roles, Client: c.Client, Now: s.now(), Approvers: s.approvers,
	}
	aboutTool(&request, c.Tool)
	known.fill(&request)
	fields := make(map[string]struct{})
	for _, item := range render.Pending(c.Items) {
		request.Contacts++
		for _, field := range item.Patch.Fields() {
			fields[field] = struct{}{}
		}
		if note := item.Patch.Note; note != nil {
			request.Author = note.Author
		}
	}
	request.Fields = slices.Sorted(maps.Keys(fields))
	if s.call.CanAsk || viewLevel(s, request.Effect) >= policy.LevelUser {
		request.Reach = policy.LevelUser
	}
	return request
}

// aboutTool has a request be about a tool. An unknown one counts as one whose effect cannot be undone.
func aboutTool(r *policy.Request, tool string) {
	r.Tool, r.Effect, r.Toolset = tool, policy.Destroy, ""
	for _, t := range Catalogue() {
		if t.Name == tool {
			r.Effect, r.Toolset = t.Effect, t.Set.Name
		}
	}
}

// ask puts a waiting change to whom the level wants: the user by way of the client, or the agent itself.
func ask(s *session, c change.Change, decision policy.Decision, level policy.Level) (any, error) {
	preview := s.view.Preview(&c, decision)
	if level == policy.LevelUser && s.call.CanAsk {
		binding, err := s.binding()
		if err != nil {
			return nil, err
		}
		return &Ask{Change: c.ID, Binding: binding, Message: preview, Expires: c.ExpiresAt}, nil
	}
	return waits(s, c, preview)
}

// waits answers with a change that waits for a confirmation.
func waits(s *session, c change.Change, preview string) (any, error) {
	result := s.view.Receipt(c)
	s.view.Await(result, &c)
	offerView(s, &c)
	result.Preview = preview
	if c.Level == policy.LevelApprover {
		awaited(s, result, &c)
		return result, nil
	}
	result.AddNote(s.worded("nothing is changed yet; show the preview to the user, and call confirm_change if they agree",
		"nothing is changed yet; confirm_change carries it out"))
	return result, nil
}
