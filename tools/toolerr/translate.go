package toolerr

import (
	"context"
	"errors"
	"log/slog"

	"intercom-mcp/intercom"
)

// Translator words errors for one caller. Client is asked nothing: it tells the version and the region that are
// configured. Redact masks what the policy hides of a text of Intercom's. Given tells of a text in lower case whether
// the caller sent it, so that an error may repeat it; nil: nothing is known to be. Others words what is no error of
// Intercom's, and says what to log of it; "": nothing. Where it returns nil, the error is internal.
type Translator struct {
	Client       *intercom.Client
	Redact       func(string) string
	Given        func(text string) bool
	Others       func(err error) (told *Error, logged string)
	MergeOffered bool         // the caller is offered merge_contacts
	Log          *slog.Logger // of what is internal to the agent
	Tool         string       // for the log
	Principal    string       // for the log
}

// Explain turns any error into one that the agent can act on. What is unknown
// is "internal" to the agent, and complete in the log.
func (t *Translator) Explain(ctx context.Context, err error) *Error {
	var toolErr *Error
	if errors.As(err, &toolErr) {
		return toolErr
	}
	if over := cutOff(ctx, err); over != nil {
		return over
	}
	var upstream *intercom.Error
	if errors.As(err, &upstream) {
		return t.Upstream(upstream)
	}
	var odd *intercom.UnreadableError
	if errors.As(err, &odd) {
		return Unreadable(odd)
	}
	told, logged := t.Others(err)
	if told == nil {
		told, logged = InternalError(), "internal error"
	}
	if logged != "" {
		t.Log.ErrorContext(ctx, logged, "tool", t.Tool, "principal", t.Principal, "err", err)
	}
	return told
}

// InternalError is what is told of a failure that is in the log alone.
func InternalError() *Error {
	return New(Internal, "The server failed at this call through no fault of yours.",
		"The operator finds the details in its log.").OrByHand("The log above has the details.")
}
