package toolerr

import (
	"context"
	"errors"
	"time"

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
	case errors.Is(context.Cause(ctx), ErrTimeUp):
		return New(Busy, "There was not enough time for this: Intercom, or the server, is too busy now.",
			"Nothing was changed; try again in a minute, or ask for less.")
	case errors.Is(context.Cause(ctx), ErrStopping):
		return New(Cancelled, "The server stopped before the call was done.",
			"Nothing more is sent for it; try again when it runs.")
	case errors.Is(err, context.Canceled):
		return New(Cancelled, "The call was cancelled.", "Nothing more is sent for it.")
	}
	return New(Cancelled, "The call ran out of time.", "Try again with a smaller request.")
}

// ErrTimeUp is the cause (see [context.Cause]) with which the time that a call has ends.
var ErrTimeUp = errors.New("the time of the call is up")

// IsTimeUp reports whether an error is there because the time of the call is up, or would be by its turn for a request
// to Intercom.
func IsTimeUp(ctx context.Context, err error) bool {
	_, bounded := ctx.Deadline()
	return errors.Is(context.Cause(ctx), ErrTimeUp) || bounded && intercom.KindOf(err) == intercom.KindRateLimited
}

// timeToShow is what a call keeps of its time for what it shows of the rows that it has read.
const timeToShow = 5 * time.Second

// IsLate reports whether a call should begin nothing any more that it can leave out.
func IsLate(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return bounded && time.Until(deadline) < timeToShow
}

// ErrStopping is the cause (see [context.Cause]) with which a transport ends
// the calls that a server, when it stops, no longer waits for.
var ErrStopping = errors.New("the server is stopping")
