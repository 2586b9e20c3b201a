package postgres

import (
	"context"
	"strconv"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// children are what child processes do with the arguments they are given.
var children = changetest.Children{"walk": walk}

// walk is a child process: a walker on the schema args[0] with the seed args[1].
func walk(ctx context.Context, args []string) error {
	seed, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	s, err := Open(args[0])
	if err != nil {
		return err
	}
	s.Lease = 60 * time.Millisecond
	if seed%2 == 0 {
		s.owner.leases.Close() // gives no signs of life, as a process that is too slow
	}
	return changetest.Walk(ctx, s, s.Lease, seed)
}

// TestInterleavings has processes use one schema at random, and die.
func TestInterleavings(t *testing.T) {
	at := postgrestest.Schema(t)
	changetest.Interleavings(t, []string{at}, func(t *testing.T) change.Durable { return openAt(t, at) })
}
