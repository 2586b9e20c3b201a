package engine

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// outcomeUnknown reports whether it is not known what became of a request.
func outcomeUnknown(sent error) bool { return intercom.KindOf(sent) == intercom.KindOutcomeUnknown }

// mayLandLate reports whether Intercom may yet do what was sent, so that what is read back at once does not disprove
// it: no answer came, or a gateway waited for one no longer.
func mayLandLate(sent error) bool {
	return slices.ContainsFunc(failuresOf(sent), func(err error) bool {
		upstream, ok := asIntercom(err)
		return ok && outcomeUnknown(err) &&
			slices.Contains([]int{0, http.StatusRequestTimeout, http.StatusGatewayTimeout}, upstream.Status)
	})
}

// sentTwice is the error of sending an item once more: the first request may land late all the same, unless the second
// was refused for good.
func sentTwice(first, second error) error {
	switch intercom.KindOf(second) {
	case intercom.KindOutcomeUnknown, intercom.KindUnavailable, intercom.KindRateLimited:
		return errors.Join(second, first)
	}
	return second
}

// answered reports whether a request of unknown outcome was answered as if it had been done.
func answered(sent error) bool {
	upstream, ok := asIntercom(sent)
	return ok && outcomeUnknown(sent) && upstream.Status/100 == 2
}

// isDefinitive reports whether an error is Intercom's own no, so that what is read back afterwards was so before.
func isDefinitive(err error) bool {
	kind := intercom.KindOf(err)
	return kind != intercom.KindOutcomeUnknown && kind != intercom.KindUnavailable
}

// refusedFields reports whether Intercom refused the fields of a patch, so that none of them was written. Each tag and
// each company is a request of its own.
func refusedFields(sent error) bool {
	return slices.ContainsFunc(failuresOf(sent), func(err error) bool { return !isLink(err) && isDefinitive(err) })
}

// fieldsError is the error of writing an item's fields; nil where there is none.
func fieldsError(sent error) error {
	failures := failuresOf(sent)
	if i := slices.IndexFunc(failures, func(err error) bool { return !isLink(err) }); i >= 0 {
		return failures[i]
	}
	return nil
}

// failuresOf are the errors of the requests of one item, which [errors.Join] puts together.
func failuresOf(sent error) []error {
	joined, ok := sent.(interface{ Unwrap() []error })
	switch {
	case sent == nil:
		return nil
	case !ok:
		return []error{sent}
	}
	var all []error
	for _, err := range joined.Unwrap() {
		all = append(all, failuresOf(err)...)
	}
	return all
}

// isLink reports whether an error is of one tag or one company.
func isLink(err error) bool {
	var link *linkError
	return errors.As(err, &link)
}

// confirmedFailed is why an item failed whose reading back shows that it did: what was doubtful before is not any more.
func confirmedFailed(f change.Failure) change.Failure {
	if f.Code != string(toolerr.OutcomeUnknown) {
		return f
	}
	told := toolerr.New(toolerr.UpstreamUnavailable,
		"Intercom gave no usable answer, and reading back shows that it took no effect.", "Try again in a minute.")
	told.RequestID, _ = f.Facts["request_id"].(string)
	return failureOf(told)
}

// notYet is the outcome of an item of which nothing shows, and that Intercom may yet do.
func (j judge) notYet(ctx context.Context, i int, sent error) change.Recorded {
	return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome(
		text.Sentence(j.cause(ctx, sent).Reason)+" Reading back does not show it yet", j.change.Items[i].Patch)}
}

// failureOf keeps an error of the agent's in an item.
func failureOf(e *toolerr.Error) change.Failure {
	facts := e.Meta()
	delete(facts, "code")
	return change.Failure{Code: string(e.Code), Reason: e.Error(), Facts: facts}
}

// failedWith is the outcome of an item that was refused before anything could be written.
func (j judge) failedWith(ctx context.Context, i int, err error) change.Recorded {
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: j.cause(ctx, err)}
}

// notCreated is the outcome of an item whose record is not there after it was sent.
func (j judge) notCreated(ctx context.Context, i int, sent error) change.Recorded {
	switch {
	case mayLandLate(sent):
		return j.notYet(ctx, i, sent)
	case sent != nil:
		return change.Recorded{Index: i, Outcome: change.Failed, Failure: confirmedFailed(j.cause(ctx, sent))}
	}
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{
		Code: string(toolerr.InvalidArgument), Reason: "Intercom accepted it, but reading back does not show it"}}
}

// cause words the errors of sending one item, the first of them by its code.
func (j judge) cause(ctx context.Context, sent error) change.Failure {
	var all change.Failure
	for i, err := range failuresOf(sent) {
		one := failureOf(j.words.Explain(ctx, err))
		var link *linkError
		if errors.As(err, &link) {
			one.Reason = link.what + ": " + one.Reason
		}
		switch {
		case i == 0:
			all = one
		case !strings.Contains(all.Reason, one.Reason):
			all.Reason += " " + one.Reason
		}
	}
	return all
}

// unknownOutcome is the failure of an item that may or may not have happened, and names the tool that tells, if any.
func unknownOutcome(reason string, p change.Patch) change.Failure {
	tool := CheckWith(p)
	if tool == "" {
		return change.Failure{Code: string(toolerr.OutcomeUnknown), Reason: text.Sentence(reason) + uncheckable}
	}
	return change.Failure{Code: string(toolerr.OutcomeUnknown), Facts: map[string]any{"check_with": tool},
		Reason: text.Sentence(reason) + " Check with " + tool + " before repeating it."}
}

// attempt is whether an item may have been sent before.
type attempt bool

const (
	neverSent attempt = false
	maybeSent attempt = true
)

// conflict is the outcome of an item that another client has written to: it is skipped. A part that shows counts. Where
// none does and the item may have been sent, what was written may have been written over since, so that the item counts
// as written; else it failed. Where a part is hidden, no part counts: each would tell whether the item was sent.
func (j judge) conflict(ctx context.Context, i int, field string, now change.Image, sent attempt) change.Recorded {
	r := change.Recorded{Index: i, Outcome: change.Unknown}
	item := &j.change.Items[i]
	if !j.masking.hidesSome(item) {
		j.parts(ctx, &r, states(item, now), nil)
	}
	f := &r.Failure
	*f = change.Failure{Code: string(toolerr.ChangeStale),
		Reason: field + " is neither what it was when planned nor what was to be written"}
	switch {
	case r.Outcome == change.Unknown && sent == maybeSent:
		f.Reason += ": it may have been written, and changed by another client since"
		f.Facts = map[string]any{"check_with": CheckWith(item.Patch)}
	case r.Outcome == change.Unknown:
		r.Outcome = change.Failed
	}
	f.Reason += "; it was skipped. Make the plan anew."
	return r
}
