package change

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
)

const (
	// MaxSessions is how many sessions a store keeps of a principal: the newest.
	MaxSessions = 20
	// SignInLasts is how long a sign-in may take, and a store keeps whose sessions were ended.
	SignInLasts = 10 * time.Minute
)

// ErrSignInOver refuses a session whose sign-in has to begin again.
var ErrSignInOver = errors.New("the sign-in took too long, or the sessions of its person were ended since it began")

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
	BegunAt   time.Time     // when the sign-in began, as [Sessions.Begin] told
	StartedAt time.Time
	Form      []byte // the secret of which the tokens of the session's forms are made
}

// SessionKey is the SHA-256 of a session's cookie. The cookie itself is kept nowhere.
type SessionKey = [sha256.Size]byte

// Sessions are the sign-ins to the console. Every method is safe for concurrent use, and the store's clock is the only
// one.
type Sessions interface {
	// Begin returns the store's time, for a sign-in that begins.
	Begin(ctx context.Context) (time.Time, error)
	// Keep keeps a session until a time; one of the same key is replaced. Of each principal the newest [MaxSessions] stay.
	// One whose sign-in began longer than [SignInLasts] ago, or before the sessions of its person were ended, is
	// ErrSignInOver.
	Keep(ctx context.Context, key SessionKey, s Session, until time.Time) error
	// Renew has a session last until another time. One that has ended meanwhile stays so, and is ErrNotFound.
	Renew(ctx context.Context, key SessionKey, until time.Time) error
	// Find returns the session of a key, or ErrNotFound once its time has come.
	Find(ctx context.Context, key SessionKey) (Session, error)
	// Drop ends a session; none is no error.
	Drop(ctx context.Context, key SessionKey) error
	// List returns the sessions that last, the one that was used last first, without their Form.
	List(ctx context.Context) ([]KeptSession, error)
	// End ends the sessions of a person, as [SessionsOf] finds them, and records each in the trail with who ended it. It
	// returns how many there were. A sign-in of the person that is not finished has to begin again.
	End(ctx context.Context, whose string, by Actor) (int, error)
}

// KeptSession is a session as a store lists it.
type KeptSession struct {
	Key     SessionKey
	Session Session   // without Form
	Until   time.Time // when it ends, unless it is used until then
}

// SessionsOf returns the sessions of a person, who is named by an e-mail in any case, vouched for or not, by the id of
// [policy.Person] or by a principal. Whoever is found by one session loses all of the same principal or id: the others
// may be of a time when the e-mail was another.
func SessionsOf(all []KeptSession, whose string) []KeptSession {
	found := make(map[string]bool) // principals and ids
	for i := range all {
		if s := &all[i].Session; s.of(whose) {
			found[s.Principal], found[s.Person.ID] = true, s.Person.ID != ""
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(k KeptSession) bool {
		return !found[k.Session.Principal] && !found[k.Session.Person.ID]
	})
}

// EndedNames lists the names of a person whose sessions were ended: the one that was given, and those that they go by.
func EndedNames(whose string, ended []KeptSession) []string {
	names := []string{whose}
	for i := range ended {
		names = append(names, ended[i].Session.Principal, ended[i].Session.Person.ID)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// CheckSignIn returns ErrSignInOver where the sign-in has to begin again. ended are the names of those whose sessions
// were ended since it began.
func (s *Session) CheckSignIn(now time.Time, ended []string) error {
	if s.BegunAt.After(now) || now.Sub(s.BegunAt) > SignInLasts || slices.ContainsFunc(ended, s.of) {
		return ErrSignInOver
	}
	return nil
}

// of reports whether the session is of a person by that name.
func (s *Session) of(whose string) bool {
	email := mailbox(s.Person.Email)
	return whose != "" && (s.Principal == whose || s.Person.ID == whose ||
		email != "" && strings.EqualFold(email, mailbox(whose)))
}

// EndedEvent records that somebody ended the session.
func (s *Session) EndedEvent(by Actor) Event {
	facts := by.facts()
	facts["signed_in"] = s.StartedAt.UTC().Format(EventTime)
	for name, fact := range map[string]string{"name": s.Person.Name, "email": s.Person.ShownEmail()} {
		if fact != "" {
			facts[name] = fact
		}
	}
	return Event{Kind: KindSessionEnded, Principal: s.Principal, Facts: facts}
}
