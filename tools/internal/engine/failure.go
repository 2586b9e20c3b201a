package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// outcomeUnknown reports whether it is not known what became of a request.
func outcomeUnknown(sent error) bool { return intercom.KindOf(sent) == intercom.KindOutcomeUnknown }

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
	var joined interface{ Unwrap() []error }
	if errors.As(sent, &joined) {
		return slices.ContainsFunc(joined.Unwrap(), refusedFields)
	}
	var link *linkError
	return sent != nil && !errors.As(sent, &link) && isDefinitive(sent)
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
	if sent != nil {
		return change.Recorded{Index: i, Outcome: change.Failed, Failure: confirmedFailed(j.cause(ctx, sent))}
	}
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{
		Code: string(toolerr.InvalidArgument), Reason: "Intercom accepted it, but reading back does not show it"}}
}

// cause words the errors of sending one item, the first of them by its code.
func (j judge) cause(ctx context.Context, sent error) change.Failure {
	var joined interface{ Unwrap() []error }
	if !errors.As(sent, &joined) {
		f := failureOf(j.words.Explain(ctx, sent))
		var link *linkError
		if errors.As(sent, &link) {
			f.Reason = link.what + ": " + f.Reason
		}
		return f
	}
	var all change.Failure
	for _, err := range joined.Unwrap() {
		one := j.cause(ctx, err)
		if all.Code == "" {
			all = one
		} else if !strings.Contains(all.Reason, one.Reason) {
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

// modifiedElsewhere names the first field that holds neither what it held when planned nor what was to be written, or
// "". Tags and companies are there or not, and so always one of the two.
func modifiedElsewhere(item *change.Item, now change.Image) string {
	for _, judged := range states(item, now) {
		if judged.state == altered {
			return judged.part.Label
		}
	}
	return ""
}

// conflict is the outcome of an item that another client has written to: it is skipped. A part that shows counts. Where
// none does and the item may have been sent, what was written may have been written over since, so that the item counts
// as written; else it failed.
func (j judge) conflict(ctx context.Context, i int, field string, now change.Image, maySent bool) change.Recorded {
	r := change.Recorded{Index: i}
	item := &j.change.Items[i]
	j.parts(ctx, &r, states(item, now), nil)
	f := &r.Failure
	*f = change.Failure{Code: string(toolerr.ChangeStale),
		Reason: field + " is neither what it was when planned nor what was to be written"}
	switch {
	case r.Outcome == change.Unknown && maySent:
		f.Reason += ": it may have been written, and changed by another client since"
		f.Facts = map[string]any{"check_with": CheckWith(item.Patch)}
	case r.Outcome == change.Unknown:
		r.Outcome = change.Failed
	}
	f.Reason += "; it was skipped. Make the plan anew."
	return r
}
