package toolerr

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
)

// Upstream says what an error of Intercom's means for the agent.
func (t *Translator) Upstream(e *intercom.Error) *Error {
	toolErr := t.classify(e)
	toolErr.RequestID = e.RequestID
	return toolErr
}

// ofTheAPI matches advice of Intercom's to those who call its API, in words that no tool has an argument for.
var ofTheAPI = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\s*(Pass|Set) [^\s.]*skip_duplicate_validation\b[^.]*\.?`)
})

// WithoutAPI cuts such advice out of a message.
func WithoutAPI(message string) string { return ofTheAPI().ReplaceAllString(message, "") }

// said is what is told of a message of Intercom's.
func (t *Translator) said(message string) string {
	return text.Sentence(t.Redact(text.Clip(WithoutAPI(text.Clean(message)), 200)))
}

func (t *Translator) classify(e *intercom.Error) *Error {
	said := t.said(e.MessageFor(t.Given))
	if e.Code != "" && strings.Contains(said, "…") {
		said += " (" + e.Code + ")" // what is left out may have been all there was
	}
	switch e.Kind() {
	case intercom.KindNotFound:
		if strings.HasSuffix(e.Path, "/unarchive") {
			return New(NotFound, "Intercom has no such contact, archived or not.",
				"Check the id; who was deleted is gone for good.")
		}
		return New(NotFound, "Intercom has no such "+cmp.Or(e.Missing, "record")+": "+said,
			"Check the reference with a search or list tool.")
	case intercom.KindMerged:
		return MergedInto(e, "")
	case intercom.KindConflict:
		return t.conflict(e, said)
	case intercom.KindRateLimited:
		wait := Seconds(e.RetryAfter)
		return New(RateLimited, "Intercom's rate limit is used up.", fmt.Sprintf("Wait %d s, then repeat the call.",
			wait)).With("retry_after", wait)
	case intercom.KindUnavailable:
		var odd *intercom.UnreadableError
		if errors.As(e.Err, &odd) && odd.Value.OfRecord() {
			return Unreadable(odd)
		}
		if e.Status >= 500 || e.Status == http.StatusRequestTimeout {
			said = fmt.Sprintf("status %d.", e.Status)
		}
		if e.Foreign {
			return New(UpstreamUnavailable, "Intercom cannot be asked: "+said,
				"Nothing was changed; try again in a minute, then tell the operator: it may be a proxy.").OrByHand(
				"Nothing was changed; try again in a minute. A proxy on the way may have answered.")
		}
		if e.Lasting {
			return New(UpstreamUnavailable, "Intercom cannot be reached: "+said,
				"Nothing was changed. Do not retry; tell the operator.").OrByHand(
				"Nothing was changed; 'intercom-mcp doctor' tells more.")
		}
		return New(UpstreamUnavailable, "Intercom does not answer as it should: "+said,
			"Nothing was changed; try again in a minute.")
	case intercom.KindOutcomeUnknown:
		what := "The connection broke after the request was sent"
		if e.Status != 0 {
			what = text.Capitalise(Answered(e))
		}
		return New(OutcomeUnknown, what+", so it may have taken effect.", "")
	}
	if toolErr := t.operatorsTask(e, said); toolErr != nil {
		return toolErr
	}
	if e.Status == 0 {
		return New(InvalidArgument, "The call cannot be sent: "+said, "Correct the arguments.")
	}
	return New(InvalidArgument, "Intercom refused: "+said, nextFor(e))
}

// Answered says what answer leaves open what became of a request: Intercom's, or another's on the way.
func Answered(e *intercom.Error) string {
	switch {
	case e.Foreign:
		return "the answer was " + e.Message
	case e.Status >= 400:
		return fmt.Sprintf("Intercom answered with status %d", e.Status)
	}
	return fmt.Sprintf("Intercom answered with status %d, %s", e.Status, e.Message)
}

// Unreadable words what cannot be done, since it depends on a value of Intercom's that cannot be read: it will be no
// other the next time.
func Unreadable(e *intercom.UnreadableError) *Error {
	return New(UpstreamUnavailable, "Intercom's answer cannot be used: "+text.Clip(text.Clean(e.Error()), 200)+".",
		"Nothing was changed, and trying again will not help: correct it in Intercom, or tell the operator.").OrByHand(
		"Nothing was changed, and trying again will not help: correct it in Intercom.")
}

// nextFor says what to do about a request that Intercom calls wrong.
func nextFor(e *intercom.Error) string {
	if e.Code == "invalid_merge" {
		return "Choose a lead and a user that share an e-mail or a phone."
	}
	return "Correct the arguments."
}

// MergedInto says where a contact went, that is called by the reference text where there is one.
func MergedInto(e *intercom.Error, str string) *Error {
	who := "That contact"
	switch {
	case str != "":
		who = fmt.Sprintf("Contact %q", text.Clip(text.Clean(str), 60))
	case e.MergedFrom != "":
		who = "Contact " + e.MergedFrom
	}
	if e.MergedInto == "" {
		return New(Merged, who+" was merged into another, which Intercom does not name.", "Look for it with search_contacts.")
	}
	return New(Merged, who+" was merged into "+e.MergedInto+".", "Use that id instead.").With("into", e.MergedInto)
}

// conflict words what exists already, or what a state forbids.
func (t *Translator) conflict(e *intercom.Error, said string) *Error {
	switch {
	case e.Code == "tag_has_dependent_objects":
		return New(Conflict, "Intercom refused: "+said, "Take the tag out of those segments in Intercom first.")
	case e.Code == "not_restorable":
		return New(Conflict, "Intercom refused: "+said, "The contact is blocked; only Intercom's support can undo that.")
	case e.Code == "scroll_exists":
		return New(Busy, "Somebody else is listing all companies.",
			"Wait a minute, then repeat the call.").With("retry_after", 60)
	case e.ConflictID == "":
		return New(Conflict, "Intercom refused: "+said, "Look for the existing record with a search or list tool.")
	}
	return t.taken(e).With("existing", e.ConflictID).With("archived", e.ConflictArchived)
}

// taken words that another contact has what was to be written. It may be
// somebody else, so an update does not go on with it.
func (t *Translator) taken(e *intercom.Error) *Error {
	creating := e.Method == http.MethodPost && e.Path == "/contacts"
	switch {
	case creating && e.ConflictArchived:
		return New(Conflict, "An archived contact with these details already exists: "+e.ConflictID+".",
			"unarchive_contacts brings it back; then use update_contact on it.")
	case creating:
		return New(Conflict, "A contact with these details already exists: "+e.ConflictID+".",
			"Use update_contact on it instead.")
	case e.ConflictArchived:
		return New(Conflict, "An archived contact, "+e.ConflictID+", has that e-mail or external_id already.",
			"Choose another value, or ask the user whether that one is meant: unarchive_contacts brings it back.").OrByHand(
			"Choose another value. If that one is meant, unarchive_contacts brings it back.")
	}
	next := "Choose another value, or tell the user that the two may be one person."
	if t.MergeOffered {
		next = "Choose another value; if they are one person, merge_contacts makes them one."
	}
	return New(Conflict, "Another contact, "+e.ConflictID+", has that e-mail or external_id already.", next).OrByHand(
		"Choose another value; if they are one person, merge_contacts makes them one.")
}
