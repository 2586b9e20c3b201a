package sqlite

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// children are what child processes do with the arguments they are given.
var children = changetest.Children{"walk": walk}

func TestMain(m *testing.M) {
	children.Run()
	goleak.VerifyTestMain(m)
}

// walk is a child process: a walker on the file args[0] with the seed args[1].
func walk(ctx context.Context, args []string) error {
	seed, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	s, err := Open(args[0])
	if err != nil {
		return err
	}
	s.Lease = 30 * time.Millisecond
	if seed%2 == 0 {
		s.owner.leases.Close() // gives no signs of life, as a process that is too slow
	}
	return changetest.Walk(ctx, s, s.Lease, seed)
}

// TestInterleavings has processes use one file at random, and die.
func TestInterleavings(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	path := filepath.Join(t.TempDir(), "changes.db")
	changetest.Interleavings(t, []string{path}, func(t *testing.T) change.Durable { return openAt(t, path) })
}
