package change

import (
	"context"
	"crypto/sha256"
	"time"

	"intercom-mcp/policy"
)

// MaxSessions is how many sessions a store keeps of a principal: the newest.
const MaxSessions = 20

// The methods of signing in to the console.
const (
	SignedInByProvider = "oidc"  // an identity provider named the person
	SignedInLocally    = "local" // by a code from the terminal of this machine, which tells no two people apart
)

// Session is one sign-in of a person to the console.
type Session struct {
	Principal string
	Person    policy.Person `json:",omitzero"`
	Roles     []string      `json:",omitempty"`
	Method    string        // how they signed in: SignedInByProvider or SignedInLocally
	Issuer    string        `json:",omitempty"` // the identity provider; empty for a local one
	StartedAt time.Time
	Form      []byte // the secret of which the tokens of the session's forms are made
}

// SessionKey is the SHA-256 of a session's cookie. The cookie itself is kept nowhere.
type SessionKey = [sha256.Size]byte

// Sessions are the sign-ins to the console. Every method is safe for concurrent use, and the store's clock is the only
// one.
type Sessions interface {
	// Keep keeps a session until a time; one of the same key is replaced. Of each principal the newest [MaxSessions] stay.
	Keep(ctx context.Context, key SessionKey, s Session, until time.Time) error
	// Renew has a session last until another time. One that has ended meanwhile stays so, and is ErrNotFound.
	Renew(ctx context.Context, key SessionKey, until time.Time) error
	// Find returns the session of a key, or ErrNotFound once its time has come.
	Find(ctx context.Context, key SessionKey) (Session, error)
	// Drop ends a session; none is no error.
	Drop(ctx context.Context, key SessionKey) error
}
