package auth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// sharedSeals are the keys of a store that servers share.
type sharedSeals struct {
	mu    sync.Mutex
	key   []byte
	spent map[string]bool
	away  error
}

func (s *sharedSeals) Keys(context.Context) ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key == nil {
		s.key, s.spent = randomKey(), make(map[string]bool)
	}
	return [][]byte{s.key}, s.away
}

func (s *sharedSeals) Spend(_ context.Context, nonce string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return s.away
	}
	if s.spent[nonce] {
		return change.ErrSpent
	}
	s.spent[nonce] = true
	return nil
}

// TestShareSealKeys opens through one server what another sealed, and uses it up once; not while nobody can tell.
func TestShareSealKeys(t *testing.T) {
	store, now := new(sharedSeals), time.Now()
	var servers [2]*Seal
	for i := range servers {
		var err error
		if servers[i], err = NewSeal(ShareSealKeys(store)); err != nil {
			t.Fatal(err)
		}
	}
	sealed, err := servers[0].Close("ann", "tool", State{Change: "c", Expires: now.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	st, err := servers[1].Open("ann", "tool", sealed, now)
	if err != nil || st.Change != "c" {
		t.Fatalf("%+v, %v", st, err)
	}
	if _, err := servers[1].Open("bob", "tool", sealed, now); !errors.Is(err, ErrForged) {
		t.Errorf("opened for another: %v", err)
	}
	store.away = errors.New("away")
	if err := servers[1].Spend(st, now); !errors.Is(err, store.away) {
		t.Errorf("with the store away: %v", err)
	}
	store.away = nil
	if err := servers[1].Spend(st, now); err != nil {
		t.Error(err)
	}
	for _, server := range servers {
		if err := server.Spend(st, now); !errors.Is(err, ErrReplayed) {
			t.Errorf("again: %v", err)
		}
	}
	fresh, err := NewSeal(ShareSealKeys(&sharedSeals{away: errors.New("away")}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fresh.Close("ann", "tool", st); err == nil {
		t.Error("sealed without a key")
	}
	if _, err := fresh.Open("ann", "tool", sealed, now); err == nil {
		t.Error("opened without a key")
	}
}
