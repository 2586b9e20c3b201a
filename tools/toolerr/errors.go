package toolerr

import (
	"cmp"
	"strings"
	"time"
)

// Code is the stable, machine-readable name of a failure.
type Code string

// The codes, as they appear in a result's _meta.
const (
	InvalidArgument     Code = "invalid_argument"
	UnknownAttribute    Code = "unknown_attribute"
	UnknownTag          Code = "unknown_tag"
	Ambiguous           Code = "ambiguous"
	NotFound            Code = "not_found"
	Merged              Code = "merged"
	Conflict            Code = "conflict"
	RateLimited         Code = "rate_limited"
	Busy                Code = "busy"
	Cancelled           Code = "cancelled" // the call was cut off, from this side
	UpstreamUnavailable Code = "upstream_unavailable"
	OutcomeUnknown      Code = "outcome_unknown"
	PolicyDenied        Code = "policy_denied"
	ApprovalUnavailable Code = "approval_unavailable"
	ChangeExpired       Code = "change_expired"
	ChangeUsed          Code = "change_used"
	ChangeMismatch      Code = "change_mismatch"
	ChangeStale         Code = "change_stale"
	CredentialInvalid   Code = "credential_invalid"
	ScopeMissing        Code = "scope_missing"
	PlanRestricted      Code = "plan_restricted"
	VersionUnsupported  Code = "version_unsupported"
	LimitReached        Code = "limit_reached"
	StoreUnavailable    Code = "store_unavailable"
	Internal            Code = "internal"
)

// Error is a failure that an agent can act on: what is wrong, and what to do
// next. It carries no tokens, stack traces or raw bodies.
type Error struct {
	Code      Code
	Message   string         // what is wrong, one sentence
	Next      string         // what the agent is to do now, one sentence; empty where Message says it
	ByHand    string         // what a person does who calls by hand and is user and operator in one; empty: as Next says
	RequestID string         // Intercom's, where Intercom was asked
	Data      map[string]any // the code's own facts: into, existing, retry_after, check_with, rule

	several []problem // what it is about, of one that [Several] made
}

// Error returns the one line that the model reads. It names Intercom's request
// where nobody but Intercom's support can tell more; Meta always does.
func (e *Error) Error() string {
	parts := []string{e.Message}
	if e.Next != "" {
		parts = append(parts, e.Next)
	}
	if e.RequestID != "" && (e.Code == UpstreamUnavailable || e.Code == OutcomeUnknown) {
		parts = append(parts, "(Intercom request "+e.RequestID+")")
	}
	return strings.Join(parts, " ")
}

// Meta returns the machine-readable part, for the result's _meta.
func (e *Error) Meta() map[string]any {
	meta := map[string]any{"code": string(e.Code)}
	for key, value := range e.Data {
		meta[key] = value
	}
	if e.RequestID != "" {
		meta["request_id"] = e.RequestID
	}
	return meta
}

// New returns an error: what is wrong, and what to do next; "" where the message says it.
func New(code Code, message, next string) *Error {
	return &Error{Code: code, Message: message, Next: next}
}

// Reason is Error without what to do next, for a text that says why something else could not be done.
func (e *Error) Reason() string {
	reason := *e
	reason.Next = ""
	return reason.Error()
}

// OrByHand says what a person does who makes the call by hand, in the place of what an agent does.
func (e *Error) OrByHand(next string) *Error {
	e.ByHand = next
	return e
}

// ForPerson returns the error as a person gets it who made the call by hand.
func (e *Error) ForPerson() *Error {
	told := *e
	told.Next = cmp.Or(e.ByHand, e.Next)
	return &told
}

// With adds a fact to the error. An empty list is none.
func (e *Error) With(key string, value any) *Error {
	if list, ok := value.([]string); ok && len(list) == 0 {
		return e
	}
	if e.Data == nil {
		e.Data = make(map[string]any)
	}
	e.Data[key] = value
	return e
}

// Seconds rounds a wait up to whole seconds, at least one.
func Seconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

// At says where in the arguments an error belongs.
func At(err error, path string) error {
	toolErr, ok := err.(*Error)
	switch {
	case !ok:
		return err
	case toolErr.several != nil:
		var all Several
		_ = all.Add(path, toolErr) // which it gathers
		return all.Err()
	}
	located := *toolErr
	located.Message = path + ": " + toolErr.Message
	return &located
}
