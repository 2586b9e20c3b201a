package change

import (
	"context"
	"fmt"
	"time"
)

const (
	// SeenEvery is how often a server that is there says so.
	SeenEvery = 5 * time.Second
	// SeenWithin is how long after that it counts as there.
	SeenWithin = 3 * SeenEvery
	// MaxServers is how many servers a store knows: those that were seen last.
	MaxServers = 100
)

// Instance is a server that owns the access token, and may write.
type Instance struct {
	ID        string // like no other's
	Version   string `json:",omitempty"` // of the program
	Workspace string `json:",omitempty"` // that its token is of, where that is known
	Mode      string // that its policy offers at most
	Revision  string // of its policy
	SeenAt    time.Time
}

// Servers are the servers that are there. Every method is safe for concurrent use, and the store's clock is the only
// one.
type Servers interface {
	// Seen records that a server is there now; its SeenAt does not count. It makes no store that is not there yet.
	Seen(ctx context.Context, i Instance) error
	// List returns the servers that were seen within a time, the latest first.
	List(ctx context.Context, within time.Duration) ([]Instance, error)
}

// Differences says in words how two servers of a store differ that should not for long: in the version of the program,
// the policy, and what it offers at most.
func (i Instance) Differences(other Instance) (differences []string) {
	for _, part := range []struct{ name, here, there string }{{"version", i.Version, other.Version},
		{"policy", i.Revision, other.Revision}, {"mode", i.Mode, other.Mode}} {
		if part.here != part.there {
			differences = append(differences, fmt.Sprintf("its %s is %q, and %q here", part.name, part.there, part.here))
		}
	}
	return differences
}
