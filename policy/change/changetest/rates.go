package changetest

import (
	"errors"
	"sync"
	"testing"

	"intercom-mcp/policy/change"
)

// testRates grants of each window what it has, however many ask at once, of older windows nothing, and of one far
// behind, as the latest was none.
func testRates(t *testing.T, s change.Store) {
	rates := s.Shared().Rates
	if _, _, err := rates.Lease(t.Context(), "a", 1, 100, 5); errors.Is(err, change.ErrNotFound) {
		if _, durable := s.(change.Durable); !durable {
			return // nobody shares it
		}
	}
	Create(t, s, Planned(change.StatusAwaiting, 1)) // so that there is something to share
	lease := func(key string, epoch int64, limit, want int) (granted, left int) {
		t.Helper()
		granted, left, err := rates.Lease(t.Context(), key, epoch, limit, want)
		if err != nil {
			t.Fatal(err)
		}
		return granted, left
	}
	for _, test := range []struct {
		key           string
		epoch         int64
		limit, want   int
		granted, rest int
	}{
		{"k", 10, 100, 5, 5, 95},
		{"k", 10, 100, 50, 23, 72},
		{"k", 9, 100, 5, 0, 0},
		{"other", 9, 100, 5, 5, 95},
		{"k", 10, 100, 0, 0, 72},
		{"k", 11, 100, 5, 5, 95},
		{"k", 10, 100, 5, 0, 0},
		{"k", 11, 6, 5, 1, 0},
		{"k", 11, 6, 5, 0, 0},
		{"k", 11, 3, 5, 0, 0},
		{"k", 12, 0, 5, 0, 0},
		{"odd", 1 << 62, 100, 5, 5, 95}, // one answer told a window that is none
		{"odd", 1 << 61, 100, 5, 5, 95},
		{"odd", 1_800_000_000, 100, 5, 5, 95},
		{"odd", 1_800_000_000 - change.StaleWindow, 100, 5, 0, 0},
		{"odd", 1_800_000_000, 100, 5, 5, 90},
		{"odd", 1_800_000_000 - change.StaleWindow - 1, 100, 5, 5, 95},
	} {
		if granted, left := lease(test.key, test.epoch, test.limit, test.want); granted != test.granted || left != test.rest {
			t.Errorf("%+v: granted %d, %d left", test, granted, left)
		}
	}
	if sum := leaseAll(t, rates); sum != 166 {
		t.Errorf("%d requests of a window of 166", sum)
	}
}

// leaseAll has many lease a window of 166 requests until nothing is left, and returns how many they got.
func leaseAll(t *testing.T, rates change.Rates) (sum int) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				granted, _, err := rates.Lease(t.Context(), "many", 20, 166, 8)
				if err != nil {
					t.Error(err)
				}
				if err != nil || granted == 0 {
					return
				}
				mu.Lock()
				sum += granted
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return sum
}
