package postgres

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestSeals has stores make one key together, and use a nonce up once.
func TestSeals(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	const many = 5
	var keys [many][][]byte
	var won atomic.Int32
	var working sync.WaitGroup
	for i := range many {
		s := openAt(t, at)
		working.Go(func() {
			var err error
			if keys[i], err = s.Shared().Seals.Keys(t.Context()); err != nil {
				t.Error(err)
			}
			switch err := s.Shared().Seals.Spend(t.Context(), "nonce", time.Now().Add(time.Minute)); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, change.ErrSpent):
				t.Error(err)
			}
		})
	}
	working.Wait()
	for _, found := range keys {
		if len(found) != 1 || len(found[0]) != sealKeySize || !bytes.Equal(found[0], keys[0][0]) {
			t.Errorf("keys: %v", found)
		}
	}
	if won.Load() != 1 {
		t.Errorf("spent %d times", won.Load())
	}
}
