package toolerr

import (
	"context"
	"errors"

	"intercom-mcp/intercom"
)

// cutOff words an error that is there only because the call's context ended, and is nil for any other: one that
// Intercom gave before, and one that leaves open what became of a request, is told as it is.
func cutOff(ctx context.Context, err error) *Error {
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	var upstream *intercom.Error
	if errors.As(err, &upstream) && (ctx.Err() == nil || !upstream.Retryable()) {
		return nil // a time limit of the client's is one of Intercom's failures
	}
	switch {
	case errors.Is(context.Cause(ctx), ErrStopping):
		return New(Cancelled, "The server stopped before the call was done.",
			"Nothing more is sent for it; try again when it runs.")
	case errors.Is(err, context.Canceled):
		return New(Cancelled, "The call was cancelled.", "Nothing more is sent for it.")
	}
	return New(Cancelled, "The call ran out of time.", "Try again with a smaller request.")
}

// ErrStopping is the cause (see [context.Cause]) with which a transport ends
// the calls that a server, when it stops, no longer waits for.
var ErrStopping = errors.New("the server is stopping")
