package sandbox

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Options set up a sandbox. The zero value is the default workspace under the real clock.
type Options struct {
	// Seed decides every generated value, ids included. 0 stands for 1.
	Seed uint64
	// Contacts is how many contacts a list shows at first: 0 stands for 500, -1 for none. A few merged, archived and
	// blocked ones come on top.
	Contacts int
	// Companies is how many companies there are at first: 0 stands for 40,
	// -1 for none.
	Companies int
	// Now is the clock before Advance; nil stands for time.Now.
	Now func() time.Time
	// Timezone is the workspace's time zone, an IANA name; "" stands for UTC.
	// Versions up to 2.16 search timestamps by its calendar days.
	Timezone string
	// WorkspaceID is the id_code of the workspace's app; "" stands for "sandbox01".
	WorkspaceID string
	// Region is the data centre that GET /me reports: "US" (the default), "EU"
	// or "AU". A token of another region is refused.
	Region string
	// DefaultVersion answers requests without an Intercom-Version header; "" stands for 2.16.
	DefaultVersion string
	// RateLimit is how many requests fit in one window of ten seconds; 0 stands for 1667.
	RateLimit int
	// SearchLag is how long a contact's change stays unseen by list and search. Reading by id sees it at once, and all
	// see a deletion at once.
	SearchLag time.Duration
	// Latency passes before each request takes effect.
	Latency time.Duration
	// BulkDelay is the time from the submission of a bulk task to its completion; 0 stands for 600 ms.
	BulkDelay time.Duration
	// RoundValues stores float attributes with two decimals and date attributes at midnight UTC, so that what is read
	// is not what was written. Intercom publishes no rule for either.
	RoundValues bool
	// Escape gives texts escaped as HTML, "R&amp;D" for "R&D", as Intercom does with some.
	Escape bool
	// NoPreview refuses the operations that only version Preview has.
	NoPreview bool
	// NoUserMerges is a workspace which Intercom's gradual rollout of merges of two users has not reached.
	NoUserMerges bool
	// Tokens are the access tokens that exist; nil accepts any that is not empty.
	Tokens []Token
}

// Token is an access token of the workspace.
type Token struct {
	Value string
	// Scopes are the OAuth scopes granted, e.g. "read_users_companies"; nil grants all.
	Scopes []string
	// Revoked tokens are answered 401 token_revoked.
	Revoked bool
	// Region is where the token's workspace lives; "" stands for the sandbox's own region.
	Region string
}

// Sandbox is one workspace. Its methods may be called concurrently.
type Sandbox struct {
	latency time.Duration // Options.Latency
	clock   clock
	journal journal

	mu     sync.Mutex // guards everything below; never held while waiting
	space  *workspace
	api    api // of space
	faults faultList
}

// New builds a sandbox. It panics when an option makes no sense: a time zone or a version that does not exist.
func New(opts Options) *Sandbox {
	opts = opts.withDefaults()
	pinned, ok := parseVersion(opts.DefaultVersion)
	if !ok {
		panic("sandbox: unknown Intercom version " + opts.DefaultVersion)
	}
	zone, err := time.LoadLocation(opts.Timezone)
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	s := &Sandbox{latency: opts.Latency, clock: clock{base: opts.Now}, space: newWorkspace(opts, zone)}
	seedWorkspace(s.space, opts, s.clock.now())
	s.api = api{
		opts: opts, pinned: pinned, space: s.space, rate: rateWindow{limit: opts.RateLimit},
		requests: rand.New(rand.NewPCG(opts.Seed, streamRequests)),
	}
	return s
}

// withDefaults fills in what the zero values stand for.
func (o Options) withDefaults() Options {
	orElse(&o.Seed, 1)
	orElse(&o.Contacts, 500)
	orElse(&o.Companies, 40)
	orElse(&o.Timezone, "UTC")
	orElse(&o.Region, "US")
	orElse(&o.DefaultVersion, "2.16")
	orElse(&o.RateLimit, 1667)
	orElse(&o.BulkDelay, 600*time.Millisecond)
	o.Contacts = max(o.Contacts, 0)
	o.Companies = max(o.Companies, 0)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// orElse sets *v to standIn where it is the zero value.
func orElse[T comparable](v *T, standIn T) {
	var zero T
	if *v == zero {
		*v = standIn
	}
}

// Advance moves the sandbox's clock forward by d, on top of Options.Now.
func (s *Sandbox) Advance(d time.Duration) { s.clock.advance(d) }

// RateLimited returns how many requests the rate window answered with 429, faults not counted.
func (s *Sandbox) RateLimited() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.api.rate.refused
}

// FailContact makes every later write to the contact fail with 422 and the given code and message. In a bulk job the
// item fails unreported, as in Intercom: the job ends completed_with_errors. An empty code lifts the failure.
func (s *Sandbox) FailContact(id, code, message string) {
	s.locked(func(w *workspace) {
		if code == "" {
			delete(w.contacts.failing, id)
			return
		}
		w.contacts.failing[id] = &apiError{status: http.StatusUnprocessableEntity, code: code, message: message}
	})
}

// Admin returns the admin on whose behalf every access token acts.
func (s *Sandbox) Admin() (id, name, email string) {
	a := s.Admins()[0]
	return a.ID, a.Name, a.Email
}
