package tools

import "context"

// turn is a mutual exclusion whose wait obeys a context. Make it with newTurn.
type turn chan struct{}

func newTurn() turn {
	t := make(turn, 1)
	t <- struct{}{}
	return t
}

// take waits for the turn; whoever has it gives it back.
func (t turn) take(ctx context.Context) error {
	select {
	case <-t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { t <- struct{}{} }
