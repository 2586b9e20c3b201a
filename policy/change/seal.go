package change

import (
	"context"
	"errors"
	"time"
)

// ErrSpent tells that something good for one use was used before.
var ErrSpent = errors.New("it was used before")

// Seals are what servers that share a store need to answer for each other: a question that one of them asked may be
// answered through another. Every method is safe for concurrent use.
type Seals interface {
	// Keys returns the keys that seal, 32 bytes each and the same for all, the one in use first. It makes one where
	// there is none.
	Keys(ctx context.Context) ([][]byte, error)
	// Spend uses a nonce up, which is forgotten after a time: of any number of callers one succeeds, the others get
	// ErrSpent.
	Spend(ctx context.Context, nonce string, until time.Time) error
}
