package toolerr

import (
	"fmt"
	"net/http"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
)

// operatorsTask words what no argument can mend; nil for anything else.
func (t *Translator) operatorsTask(e *intercom.Error, said string) *Error {
	switch e.Kind() {
	case intercom.KindCredential:
		return t.refusedToken(e, said)
	case intercom.KindRedirect:
		return forOperator(UpstreamUnavailable, "Intercom does not answer at this address: "+said,
			"check the host and the region (--base-url, --region)")
	case intercom.KindAddress:
		return forOperator(CredentialInvalid, "Intercom does not admit this server's IP address: "+said,
			"allow it in Intercom's security settings")
	case intercom.KindScope:
		return lacksScope(e, said)
	case intercom.KindPlan:
		return New(PlanRestricted, "The workspace's plan does not include this: "+said,
			"Do not retry; tell the operator.").OrByHand("Trying again does not help.")
	case intercom.KindVersion:
		return t.refusedVersion(e)
	case intercom.KindLimit:
		return limitReached(e, said)
	case intercom.KindJobClosed:
		return New(Busy, "Intercom's bulk job takes no more: "+said, "Make the call again; it starts a new job.")
	}
	return nil
}

// forOperator is an error that only the operator can mend, by doing what task says.
func forOperator(code Code, message, task string) *Error {
	return New(code, message, "Do not retry; tell the operator to "+task+".").OrByHand(text.Capitalise(task) + ".")
}

// tokenStates are the codes that say what is wrong with a token. Intercom's messages to them often say nothing.
var tokenStates = map[string]string{
	"token_revoked":   "it was revoked.",
	"token_blocked":   "it is blocked.",
	"token_expired":   "it has expired.",
	"token_suspended": "its app was suspended.",
}

// refusedToken words a 401. Intercom calls a token of another region invalid.
func (t *Translator) refusedToken(e *intercom.Error, said string) *Error {
	const refused = "Intercom refuses the access token: "
	if e.Status == http.StatusOK { // it is taken, and of no use
		return forOperator(CredentialInvalid, text.Capitalise(said),
			"copy the token of an app in Intercom's Developer Hub that is installed in the workspace")
	}
	if state, ok := tokenStates[e.Code]; ok {
		return forOperator(CredentialInvalid, refused+state, "make a new token in Intercom's Developer Hub")
	}
	region := ""
	if configured := t.Client.Region(); configured != "" {
		region = fmt.Sprintf(" (%s by --region, INTERCOM_REGION)", configured)
	}
	return forOperator(CredentialInvalid, refused+said, "check the token and its region"+region)
}

// lacksScope words a 403 by the permissions that Intercom names, if it does.
func lacksScope(e *intercom.Error, said string) *Error {
	lacked := "The access token lacks a permission: " + said
	if len(e.RequiredPermissions) > 0 {
		lacked = "The access token lacks the permission " + text.Clip(text.Clean(strings.Join(e.RequiredPermissions, ", ")),
			100) + "."
	}
	return forOperator(ScopeMissing, lacked, "add the permission in Intercom's Developer Hub").With("required",
		e.RequiredPermissions)
}

// refusedVersion words the refusal of a version that is not there, and of a call that the version lacks.
func (t *Translator) refusedVersion(e *intercom.Error) *Error {
	version := t.Client.Version()
	what := "Intercom's API version " + version + " does not offer this call."
	if strings.Contains(e.Message, "could not be found") {
		what = "Intercom knows no API version " + version + "."
	}
	return forOperator(VersionUnsupported, what, "set another by --api-version or INTERCOM_API_VERSION")
}

// limitReached words what is full.
func limitReached(e *intercom.Error, said string) *Error {
	next, byHand := "Do not retry; tell the user.", "Trying again does not help."
	if e.Code == "contact_company_limit_exceeded" {
		next = "Do not retry; if the user wants it, detach_company takes the contact out of another company first."
		byHand = "detach_company takes the contact out of another company."
	}
	return New(LimitReached, "A limit of Intercom's is reached: "+said, next).OrByHand(byHand)
}
