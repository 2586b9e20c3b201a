package gcpace

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		live  uint64
		least int
		want  int
	}{{0, 75, 100}, {3 << 20, 75, 100}, {6 << 20, 75, 100}, {7 << 20, 75, 85}, {8 << 20, 75, 75}, {1 << 30, 75, 75},
		{20 << 20, 150, 150}} {
		if got := percentOf(test.live, test.least); got != test.want {
			t.Errorf("%d MB in use, at least %d: %d, want %d", test.live>>20, test.least, got, test.want)
		}
	}
}

// A heap that has grown is collected at the pace of a large one, and at that of a small one once it has shrunk.
func TestPaceFollowsTheHeap(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		defer debug.SetGCPercent(debug.SetGCPercent(100))
		afterEach()
	}
	pace := func(want int) {
		t.Helper()
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			mu.Lock()
			got := current
			mu.Unlock()
			if got == want {
				return
			}
			if time.Since(began) > 10*time.Second {
				t.Fatalf("GOGC %d, want %d", got, want)
			}
			runtime.GC()
		}
	}
	pace(most)
	held := make([]byte, 64<<20)
	pace(75)
	if set := debug.SetGCPercent(75); set != 75 {
		t.Errorf("GOGC is %d", set)
	}
	runtime.KeepAlive(held)
	held = nil
	pace(most)
}
