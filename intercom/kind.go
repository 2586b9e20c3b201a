package intercom

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// Kind classifies errors for callers, who branch on it and not on statuses and codes.
type Kind string

// The kinds of errors.
const (
	KindInvalid     Kind = "invalid"      // the request was wrong: refused here or by Intercom
	KindNotFound    Kind = "not_found"    // what it names does not exist, or is archived
	KindMerged      Kind = "merged"       // the contact became part of Error.MergedInto
	KindConflict    Kind = "conflict"     // it exists already, or its state forbids it
	KindRateLimited Kind = "rate_limited" // not done: try again after Error.RetryAfter
	// KindUnavailable is a failed read, or a write of which nothing was done.
	KindUnavailable Kind = "unavailable"
	// KindOutcomeUnknown is a write that may or may not have happened.
	KindOutcomeUnknown Kind = "outcome_unknown"
	KindRedirect       Kind = "redirect"   // another host answers: the address or the region is wrong
	KindCredential     Kind = "credential" // the access token is not accepted
	KindScope          Kind = "scope"      // the token lacks a permission
	KindAddress        Kind = "address"    // Intercom does not admit the caller's IP address
	KindPlan           Kind = "plan"       // the workspace lacks it: its plan, or Intercom did not turn it on
	KindVersion        Kind = "version"    // the API version lacks it, or does not exist
	KindJobClosed      Kind = "job_closed" // the bulk job takes no more
	KindLimit          Kind = "limit"      // the workspace or the contact is full, or the list too long
)

// KindOf returns the kind of the *Error in err's chain, "" without one.
func KindOf(err error) Kind {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Kind()
}

// kindsOfCodes are the error codes that say more than their status. See
// https://developers.intercom.com/docs/references/rest-api/errors/error-codes
var kindsOfCodes = map[string]Kind{
	"api_plan_restricted":            KindPlan,
	"company_not_found":              KindNotFound,
	"conflict":                       KindConflict,
	"contact_company_limit_exceeded": KindLimit,
	"contact_merged":                 KindMerged,
	"custom_data_limit_reached":      KindLimit,
	"intercom_version_invalid":       KindVersion,
	"job_closed":                     KindJobClosed,
	"job_not_found":                  KindNotFound,
	"not_restorable":                 KindConflict,
	"rate_limit_exceeded":            KindRateLimited,
	"resource_conflict":              KindConflict,
	"scroll_exists":                  KindConflict,
	"tag_has_dependent_objects":      KindConflict,
	"token_unauthorized":             KindScope,
	"too_many_requests":              KindRateLimited,
	"unique_user_constraint":         KindConflict,
}

// ofAddress matches the message for an address outside a workspace's
// allowlist, which has the same code as a missing permission.
var ofAddress = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bIP\b`) })

// kindOf classifies an error of Intercom.
func kindOf(status int, code, message string) Kind {
	if kind, ok := kindsOfCodes[code]; ok && status >= 400 && status < 500 {
		return kind
	}
	switch {
	case status == http.StatusForbidden && strings.Contains(message, "is closed for new task updates"):
		return KindJobClosed
	case status == http.StatusForbidden && ofAddress().MatchString(message):
		return KindAddress
	case status == http.StatusBadRequest && strings.Contains(message, "page limit reached"):
		return KindLimit
	case status == http.StatusBadRequest && strings.Contains(message, "has been merged and is not restorable"):
		return KindMerged
	}
	return kindOfStatus(status)
}

func kindOfStatus(status int) Kind {
	if status >= 300 && status < 400 {
		return KindRedirect
	}
	switch status {
	case http.StatusUnauthorized:
		return KindCredential
	case http.StatusPaymentRequired:
		return KindPlan
	case http.StatusForbidden, http.StatusMethodNotAllowed: // which Intercom says of what this kind of admin may not do
		return KindScope
	case http.StatusNotFound, http.StatusGone:
		return KindNotFound
	case http.StatusConflict, http.StatusLocked:
		return KindConflict
	case http.StatusTooManyRequests:
		return KindRateLimited
	case http.StatusRequestTimeout:
		return KindUnavailable
	}
	if status >= 400 && status < 500 {
		return KindInvalid
	}
	return KindUnavailable
}

// noRequest reports whether a status is one by which a workspace, or what stands before it, says that it has not a
// request.
func noRequest(status int) bool {
	switch status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone,
		http.StatusNotImplemented:
		return true
	}
	return false
}
