package toolerr

import (
	"context"
	"errors"
	"log/slog"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// Translator words errors for one caller. Client is asked nothing: it tells the version and the region that are
// configured. Redact masks what the policy hides of a text of Intercom's. Given tells of a text in lower case whether
// the caller sent it, so that an error may repeat it; nil: nothing is known to be.
type Translator struct {
	Client       *intercom.Client
	Redact       func(string) string
	Given        func(text string) bool
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
	var frozen *change.FrozenError
	if errors.As(err, &frozen) {
		return New(PolicyDenied, text.Capitalise(text.Sentence(frozen.Error())),
			"Nothing was changed; reading goes on.").With("rule", "freeze")
	}
	var upstream *intercom.Error
	if errors.As(err, &upstream) {
		return t.Upstream(upstream)
	}
	var odd *intercom.UnreadableError
	if errors.As(err, &odd) {
		return Unreadable(odd)
	}
	switch {
	case errors.Is(err, change.ErrNotFound):
		return New(NotFound, "There is no such change.", "list_changes shows the changes you may see.")
	case errors.Is(err, change.ErrWrongWorkspace):
		t.Log.ErrorContext(ctx, "the store of changes is another workspace's", "tool", t.Tool, "principal", t.Principal,
			"err", err)
		return New(StoreUnavailable, "The server's state file keeps the changes of another workspace.",
			"Nothing was changed; tell the operator.")
	case errors.Is(err, change.ErrUnavailable):
		t.Log.ErrorContext(ctx, "the store of changes fails", "tool", t.Tool, "principal", t.Principal, "err", err)
		return storeUnavailable(err)
	}
	t.Log.ErrorContext(ctx, "internal error", "tool", t.Tool, "principal", t.Principal, "err", err)
	return InternalError()
}

// storeUnavailable says what failed, without the cause: that is the operator's.
func storeUnavailable(err error) *Error {
	message := "The server's store of changes is unavailable now."
	var known *change.UnavailableError
	if errors.As(err, &known) {
		message = "The server's store of changes failed at " + known.Doing + "."
	}
	return New(StoreUnavailable, message, "Nothing was changed; tell the operator. Reading Intercom goes on.")
}

func InternalError() *Error {
	return New(Internal, "The server failed at this call through no fault of yours.",
		"The operator finds the details in its log.")
}
