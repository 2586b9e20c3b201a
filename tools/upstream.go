package tools

import (
	"fmt"

	"intercom-mcp/intercom"
)

// explainUpstream says what an error of Intercom's means for the agent.
func (s *session) explainUpstream(e *intercom.Error) *Error {
	taught := s.classify(e)
	taught.RequestID = e.RequestID
	return taught
}

func (s *session) classify(e *intercom.Error) *Error {
	said := clip(clean(e.Message), 200)
	switch e.Kind() {
	case intercom.KindNotFound:
		return fail(NotFound, "Intercom has no such record: "+said+".", "Check the reference with a search or list tool.")
	case intercom.KindMerged:
		return fail(Merged, "That contact was merged into "+e.MergedInto+".", "Use that id instead.").with("into", e.MergedInto)
	case intercom.KindConflict:
		if e.Code == "tag_has_dependent_objects" {
			return fail(Conflict, "Intercom refused: "+said+".", "Take the tag out of those segments in Intercom first.")
		}
		return conflict(e)
	case intercom.KindRateLimited:
		wait := seconds(e.RetryAfter)
		return fail(RateLimited, "Intercom's rate limit is used up.", fmt.Sprintf("Wait %d s, then repeat the call.", wait)).with("retry_after", wait)
	case intercom.KindUnavailable:
		what := said
		if e.Status >= 400 {
			what = fmt.Sprintf("status %d", e.Status)
		}
		return fail(UpstreamUnavailable, "Intercom does not answer as it should: "+what+".", "Nothing was changed; try again in a minute.")
	case intercom.KindOutcomeUnknown:
		return fail(OutcomeUnknown, "The connection broke after the request was sent, so it may have taken effect.", "Read the record before you repeat the call.")
	case intercom.KindCredential:
		return fail(CredentialInvalid, "Intercom refuses the access token: "+said+".", "Do not retry; tell the operator to check the token and its region.")
	case intercom.KindScope:
		return fail(ScopeMissing, "The access token lacks a permission: "+said+".", "Do not retry; tell the operator to add the permission in Intercom's Developer Hub.").
			with("required", e.RequiredPermissions)
	case intercom.KindPlan:
		return fail(PlanRestricted, "The workspace's plan does not include this: "+said+".", "Tell the operator.")
	case intercom.KindVersion:
		return fail(UpstreamUnavailable, "This Intercom API version does not offer the call: "+said+".", "Tell the operator to raise --api-version.")
	}
	if e.Status == 0 {
		return fail(InvalidArgument, "The call cannot be sent: "+said+".", "Correct the arguments.")
	}
	return fail(InvalidArgument, "Intercom refused: "+said+".", "Correct the arguments.")
}

func conflict(e *intercom.Error) *Error {
	taught := fail(Conflict, "A contact with these details already exists.", "Use update_contact on it instead.")
	if e.ConflictArchived {
		taught.Message = "An archived contact with these details already exists."
		taught.Next = "An operator can unarchive it in Intercom; then update it."
	}
	if e.ConflictID != "" {
		taught.Message = taught.Message[:len(taught.Message)-1] + ": " + e.ConflictID + "."
		taught.with("existing", e.ConflictID).with("archived", e.ConflictArchived)
	}
	return taught
}
