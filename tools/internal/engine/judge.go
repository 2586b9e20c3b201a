package engine

import (
	"context"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// state is what reading back shows of a part.
type state int

const (
	missing state = iota // what was there before
	shows                // what was written, as Intercom keeps it
	altered              // neither
	silent               // nothing, as before: Intercom may show the zero that was written so
)

// partState is a part of an item and its state.
type partState struct {
	part  change.Part
	state state
	moved bool // it is not what it was before
	set   bool // it is a field
}

// states judges the parts of an item by an image of its target. The record as a whole, and notes, are judged by their
// operations.
func states(item *change.Item, now change.Image) []partState {
	var list []partState
	for _, part := range item.Patch.Parts() {
		if s, ok := stateOf(item, part, now); ok {
			list = append(list, s)
		}
	}
	return list
}

func stateOf(item *change.Item, part change.Part, now change.Image) (partState, bool) {
	switch part.Kind {
	case change.PartTag:
		return linkState(part, now.Tags, item.Before.Tags, item.Patch.AddTags), true
	case change.PartCompany:
		return linkState(part, now.Companies, item.Before.Companies, item.Patch.AddCompanies), true
	case change.PartField:
		return fieldState(item, part, now), true
	}
	return partState{}, false
}

// linkState judges a tag or a company, which is there or not, and is to be there where it is among those added.
func linkState(part change.Part, now, before []string, added []change.Ref) partState {
	there := slices.Contains(now, part.ID)
	s := partState{part: part, state: missing, moved: there != slices.Contains(before, part.ID)}
	if there == hasRef(added, part.ID) {
		s.state = shows
	}
	return s
}

// fieldState judges a field.
func fieldState(item *change.Item, part change.Part, now change.Image) partState {
	written := item.Patch.Set[part.Label]
	before, value := item.Before.Set[part.Label], now.Set[part.Label]
	s := partState{part: part, state: missing, moved: !record.Same(part.Label, before, value), set: true}
	switch {
	case record.Shows(part.Label, isTime(item, part.Label), before, written, value):
		s.state, s.moved = shows, !record.Exactly(part.Label, before, value)
	case s.moved:
		s.state = altered
	case record.Silent(before, written, value):
		s.state = silent
	}
	return s
}

// isTime reports whether a field of an item's patch holds Unix seconds.
func isTime(item *change.Item, field string) bool {
	return strings.HasSuffix(field, "_at") || slices.Contains(item.Patch.Dates, field)
}

func hasRef(refs []change.Ref, id string) bool {
	return slices.ContainsFunc(refs, func(r change.Ref) bool { return r.ID == id })
}

// judge decides what became of the items of a change by what reading back shows, and words why. It reads and sends
// nothing.
type judge struct {
	change  *change.Change
	words   Words
	masking masking
}

func newJudge(c *change.Change, words Words) judge { return judge{c, words, masking{c, words.Masks}} }

// outcome decides an item's outcome part by part: not what was answered counts, but what Intercom shows now. sent is
// the error of sending it, read that of reading it back.
func (j judge) outcome(ctx context.Context, i int, now change.Image, sent, read error) change.Recorded {
	r := change.Recorded{Index: i}
	item := &j.change.Items[i]
	switch {
	case directory.Gone(read):
		r.Outcome, r.Failure = j.gone(ctx, item, sent, read)
	case read != nil && sent != nil && isDefinitive(sent) && writes(item.Patch) == 1:
		r.Outcome, r.Failure = change.Failed, j.cause(ctx, sent) // Intercom's no needs no reading back
	case read != nil:
		r.Outcome, r.Failure = change.Unknown, j.notReadBack(ctx, item.Patch, sent, read)
	case j.masking.doubtful(item, sent):
		r.Outcome, r.Failure = change.Unknown, unknownOutcome(j.cause(ctx, sent).Reason, item.Patch)
	default:
		j.parts(ctx, &r, j.masking.states(item, now, sent), sent)
	}
	return r
}

// gone decides about an item whose target is gone when it is read back: unless all of it was refused, it may have been
// written before the target went.
func (j judge) gone(ctx context.Context, item *change.Item, sent, read error) (change.Outcome, change.Failure) {
	failures, why := failuresOf(sent), j.cause(ctx, read)
	// An undo writes some texts twice: see [writeAgain].
	twice := j.change.Undoes != "" && len(escaped(item.Patch.Set)) > 0
	switch {
	case sent == nil:
		return change.Unknown, unknownOutcome("Intercom accepted it, and then: "+why.Reason, item.Patch)
	case twice, len(failures) < writes(item.Patch), slices.ContainsFunc(failures, outcomeUnknown):
		return change.Unknown, unknownOutcome("it may have been written, and then: "+why.Reason, item.Patch)
	case isDefinitive(sent):
		return change.Failed, j.cause(ctx, sent)
	}
	return change.Failed, why
}

// notReadBack is the failure of an item of which nothing shows what became of it. sent may be nil.
func (j judge) notReadBack(ctx context.Context, p change.Patch, sent, read error) change.Failure {
	reason := "it could not be read back: " + j.words.Explain(ctx, read).Message
	if sent != nil {
		reason = text.Sentence(j.cause(ctx, sent).Reason) + " I" + reason[1:]
	}
	return unknownOutcome(reason, p)
}

// writes is how many requests a patch is sent as: one for its fields, and one for each tag and each company.
func writes(p change.Patch) int {
	n := len(p.AddTags) + len(p.RemoveTags) + len(p.AddCompanies) + len(p.RemoveCompanies)
	if len(p.Set) > 0 {
		n++
	}
	return n
}

// unshown names the parts that reading back does not show, and those written as a zero, for which Intercom shows
// nothing whether they were written or not.
type unshown struct{ parts, zeros []string }

// sentence words them: lead, and the parts that do not show; then the zeros, and what to do about them, since no tool
// tells more of a zero.
func (u unshown) sentence(lead string) string {
	var clauses []string
	if len(u.parts) > 0 {
		clauses = append(clauses, lead+strings.Join(u.parts, ", "))
	}
	if len(u.zeros) > 0 {
		clauses = append(clauses, strings.Join(u.zeros, ", ")+
			" may well hold 0, for which Intercom shows nothing; leave it, or set another value")
	}
	return strings.Join(clauses, ". ")
}

// parts gives an outcome to an item whose parts could be read back. When in doubt it counts as written: a part
// that holds neither what was there nor what was written was changed by somebody, and it may have been by us.
func (j judge) parts(ctx context.Context, r *change.Recorded, parts []partState, sent error) {
	var not unshown
	shown, moved := 0, false
	refused := refusedFields(sent)
	for _, judged := range parts {
		moved = moved || judged.moved
		switch {
		case judged.state == shows && (judged.moved || !judged.set || !refused):
			shown++
			continue
		case judged.state == altered:
			not.parts = append(not.parts, judged.part.Label+" (which holds another value now)")
		case judged.state == silent && !refused:
			not.zeros = append(not.zeros, judged.part.Label)
		default: // of what was refused, what was there may look like it
			not.parts = append(not.parts, judged.part.Label)
		}
		r.Missing = append(r.Missing, judged.part.Key)
	}
	late := j.change.Items[r.Index].Patch.Traits().LateID
	switch {
	case len(r.Missing) == 0 && !moved && !late:
		r.Outcome = change.Unchanged // Intercom keeps what was written as what was there
	case len(r.Missing) == 0:
		r.Outcome = change.Changed
	case shown == 0 && !moved && !late && len(not.zeros) > 0:
		r.Outcome, r.Missing = change.Unknown, nil
		r.Failure = change.Failure{Code: string(toolerr.OutcomeUnknown), Reason: not.sentence("reading back does not show ")}
	case shown == 0 && !moved && !late && mayLandLate(sent):
		*r = j.notYet(ctx, r.Index, sent)
	case shown == 0 && !moved && !late:
		r.Outcome, r.Missing = change.Failed, nil
		r.Failure = j.notShown(ctx, sent, r.Outcome, not)
	case shown == 0 && !late:
		r.Outcome, r.Missing = change.Unknown, nil
		r.Failure = unknownOutcome(not.sentence("reading back shows neither what was there nor what was written: "),
			j.change.Items[r.Index].Patch)
	default:
		r.Outcome = change.Partly
		r.Failure = j.notShown(ctx, sent, r.Outcome, not)
	}
}

// notShown is why an item failed, or shows in part. What Intercom may yet do of it stays in doubt.
func (j judge) notShown(ctx context.Context, sent error, outcome change.Outcome, not unshown) change.Failure {
	if sent == nil {
		return change.Failure{Code: string(toolerr.InvalidArgument),
			Reason: not.sentence("Intercom accepted it, but reading back does not show ")}
	}
	f := j.cause(ctx, sent)
	if !mayLandLate(sent) {
		f = confirmedFailed(f)
	}
	if outcome == change.Partly {
		f.Reason = not.sentence("not shown: ") + ". " + f.Reason
	}
	return f
}

// readBack reads a contact by id, which is never behind the times, and decides the outcome of its item.
func (a *applier) readBack(ctx context.Context, i int, id string, sent error) change.Recorded {
	image, err := a.readImage(ctx, id, a.change.Items[i].Patch)
	return a.judge.outcome(ctx, i, image, sent, err)
}

// readImage reads by id what a contact shows of what a patch touches.
func (a *applier) readImage(ctx context.Context, id string, p change.Patch) (change.Image, error) {
	contact, err := a.client.Contacts.Get(ctx, id)
	if err != nil {
		return change.Image{}, err
	}
	return contactImage(ctx, a.client, &contact, p)
}

// whereMerged is the contact into which the error says that another was merged, or "".
func whereMerged(err error) string {
	upstream, ok := asIntercom(err)
	if ok && upstream.Kind() == intercom.KindMerged {
		return upstream.MergedInto
	}
	return ""
}
