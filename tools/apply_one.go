package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// applyOne writes one item and reads it back.
func (a *applier) applyOne(ctx context.Context, i int) change.Recorded {
	item := a.change.Items[i]
	switch {
	case a.run.resumed && a.cancelled():
		return a.stoppedOne(ctx, i, item)
	case a.stopped.Err() != nil && !a.run.resumed:
		return a.notSent(i)
	case item.Patch.Note != nil:
		return a.writeNote(ctx, i, item)
	case item.Patch.Op == change.SaveCompany:
		return a.writeCompany(ctx, i, item)
	case item.Patch.Op != change.Update && item.Patch.Op != change.Create:
		return a.writeWhole(ctx, i, item)
	}
	if item.Patch.Op == change.Create {
		return a.writeNew(ctx, i, item)
	}
	return a.writeUpdate(ctx, i, item)
}

// writeUpdate writes a patch to a contact and reads it back. What an attempt whose
// answer was lost left undone is sent once more, unless somebody else has written
// there.
func (a *applier) writeUpdate(ctx context.Context, i int, item change.Item) change.Recorded {
	patch := item.Patch
	for again := false; ; again = true {
		sent := errors.Join(a.update(ctx, item.TargetID, patch), a.link(ctx, item.TargetID, patch))
		image, err := a.see(ctx, item.TargetID, item.Patch)
		left := remaining(item.Patch, image)
		if again || err != nil || !lost(sent) || len(left.Fields()) == 0 || a.stopped.Err() != nil {
			return a.judge(ctx, i, left, sent, err)
		}
		if field := foreign(&item, image); field != "" {
			return foreignOutcome(i, field)
		}
		patch = left
	}
}

// lost reports whether it is not known what became of a request.
func lost(sent error) bool { return intercom.KindOf(sent) == intercom.KindOutcomeUnknown }

// contactWrite makes the request body of the patch's fields.
func contactWrite(set map[string]any) (intercom.ContactWrite, error) {
	var w intercom.ContactWrite
	return w, writeFields(set, &w)
}

// writeFields fills a request body, whose JSON names are Intercom's, with a
// patch's fields.
func writeFields(set map[string]any, body any) error {
	fields := make(map[string]any)
	custom := make(map[string]any)
	for name, value := range set {
		if attribute, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
			custom[attribute] = value
		} else {
			fields[name] = value
		}
	}
	if len(custom) > 0 {
		fields["custom_attributes"] = custom
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); err != nil {
		return fmt.Errorf("the patch does not fit the request: %w", err)
	}
	return nil
}

// update writes the patch's fields to a contact.
func (a *applier) update(ctx context.Context, id string, p change.Patch) error {
	if len(p.Set) == 0 {
		return nil
	}
	w, err := contactWrite(p.Set)
	if err != nil {
		return err
	}
	_, err = a.client.Contacts.Update(ctx, id, w)
	return err
}

// link writes the patch's tags and companies to a contact; it goes on after a
// failure, and returns all of them.
func (a *applier) link(ctx context.Context, id string, p change.Patch) error {
	var failures []error
	add := func(what string, ref change.Ref, err error) {
		if err != nil {
			failures = append(failures, &linkError{what + " " + text.Reveal(ref.Name, render.ShownValue), err})
		}
	}
	for _, tag := range p.AddTags {
		_, err := a.client.Contacts.AddTag(ctx, id, tag.ID)
		add("tag", tag, err)
	}
	for _, tag := range p.RemoveTags {
		_, err := a.client.Contacts.RemoveTag(ctx, id, tag.ID)
		add("tag", tag, err)
	}
	for _, company := range p.AddCompanies {
		_, err := a.client.Contacts.AttachCompany(ctx, id, company.ID)
		add("company", company, err)
	}
	for _, company := range p.RemoveCompanies {
		_, err := a.client.Contacts.DetachCompany(ctx, id, company.ID)
		add("company", company, err)
	}
	return errors.Join(failures...)
}

// linkError is the failure to link one tag or one company.
type linkError struct {
	what string
	err  error
}

// Error implements error.
func (e *linkError) Error() string { return e.what + ": " + e.err.Error() }

// Unwrap returns why.
func (e *linkError) Unwrap() error { return e.err }

// readBack decides an item's outcome: not what was answered counts, but what
// Intercom shows now.
func (a *applier) readBack(ctx context.Context, i int, id string, item change.Item, sent error) change.Recorded {
	left, err := a.left(ctx, id, item.Patch)
	return a.judge(ctx, i, left, sent, err)
}

// left reads a contact by id and returns what of the patch it does not show.
func (a *applier) left(ctx context.Context, id string, p change.Patch) (change.Patch, error) {
	image, err := a.see(ctx, id, p)
	if err != nil {
		return change.Patch{}, err
	}
	return remaining(p, image), nil
}

// see reads by id what a contact shows of what a patch touches.
func (a *applier) see(ctx context.Context, id string, p change.Patch) (change.Image, error) {
	contact, err := a.client.Contacts.Get(ctx, id)
	if err != nil {
		return change.Image{}, err
	}
	return a.image(ctx, &contact, p)
}

// judge decides from what is left of a patch, and from the error of sending it.
func (a *applier) judge(ctx context.Context, i int, left change.Patch, sent, readErr error) change.Recorded {
	r := change.Recorded{Index: i}
	switch {
	case readErr != nil && directory.Gone(readErr) && sent != nil && definite(sent):
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, sent)
	case readErr != nil && directory.Gone(readErr):
		r.Outcome, r.Failure = change.Failed, a.cause(ctx, readErr)
	case readErr != nil:
		text := "it could not be read back: " + a.explain(ctx, readErr).Message
		if sent != nil {
			text = a.cause(ctx, sent).Reason + " " + text
		}
		r.Outcome, r.Failure = change.Unknown, unknownOutcome(text, checkWith(a.change.Items[i].Patch))
	case len(left.Fields()) == 0:
		r.Outcome = change.Changed
	case sent != nil:
		r.Outcome, r.Failure = change.Failed, disproved(a.cause(ctx, sent))
	default:
		r.Outcome = change.Failed
		r.Failure = change.Failure{Code: string(toolerr.InvalidArgument), Reason: "Intercom accepted it, but reading back shows no change of " + strings.Join(left.Fields(), ", ")}
	}
	return r
}

// disproved is why an item failed whose reading back shows that it did: what was
// doubtful before is not any more.
func disproved(f change.Failure) change.Failure {
	if f.Code != string(toolerr.OutcomeUnknown) {
		return f
	}
	toolErr := toolerr.New(toolerr.UpstreamUnavailable, "Intercom gave no usable answer, and reading back shows that it took no effect.", "Try again in a minute.")
	toolErr.RequestID, _ = f.Facts["request_id"].(string)
	facts := toolErr.Meta()
	delete(facts, "code")
	return change.Failure{Code: string(toolErr.Code), Reason: toolErr.Error(), Facts: facts}
}

// cause words the errors of sending one item, the first of them by its code.
func (a *applier) cause(ctx context.Context, sent error) change.Failure {
	var joined interface{ Unwrap() []error }
	if !errors.As(sent, &joined) {
		toolErr := a.explain(ctx, sent)
		facts := toolErr.Meta()
		delete(facts, "code")
		reason := toolErr.Error()
		var link *linkError
		if errors.As(sent, &link) {
			reason = link.what + ": " + reason
		}
		return change.Failure{Code: string(toolErr.Code), Reason: reason, Facts: facts}
	}
	var all change.Failure
	for _, err := range joined.Unwrap() {
		one := a.cause(ctx, err)
		if all.Code == "" {
			all = one
		} else if !strings.Contains(all.Reason, one.Reason) {
			all.Reason += " " + one.Reason
		}
	}
	return all
}

// checkWith names the tool that shows what became of a patch.
func checkWith(p change.Patch) string {
	switch {
	case p.Note != nil:
		return "list_notes"
	case p.Op == change.SaveCompany, p.Op == change.DeleteCompany:
		return "get_company"
	case p.Op == change.DeleteTag:
		return "list_tags"
	case p.Op == change.Create:
		return "search_contacts"
	}
	return "get_contact"
}

// unknownOutcome is the failure of an item that may or may not have happened,
// and the tool that tells.
func unknownOutcome(reason, checkWith string) change.Failure {
	return change.Failure{Code: string(toolerr.OutcomeUnknown), Reason: reason, Facts: map[string]any{"check_with": checkWith}}
}
