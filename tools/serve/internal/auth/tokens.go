package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"intercom-mcp/policy"
)

// Tokens knows the bearer tokens that may call the server, from a file with one line for each: see [TokenLine]. A name
// may have several lines that agree but for the time at which they end, so that a token can be replaced while the old
// one still goes. The tokens themselves are stored nowhere. Empty lines and lines that begin with # do not count. It is
// safe for concurrent use.
type Tokens struct {
	path    string
	reading sync.Mutex // one Reload at a time
	entries atomic.Pointer[[]*token]
}

// token is one line of the file. It stays the same over a Reload while its digest
// and name do, so that a request can tell what became of the token it came with.
type token struct {
	digest    [sha256.Size]byte
	name      string
	line      atomic.Pointer[TokenLine]
	withdrawn context.Context // done when the line is there no more
	withdraw  context.CancelFunc

	mu     sync.Mutex
	expiry map[*time.Timer]struct{} // which fire when the line expires; set anew with the line
}

func newToken(line TokenLine) *token {
	t := &token{digest: line.Digest, name: line.Name, expiry: make(map[*time.Timer]struct{})}
	t.line.Store(&line)
	t.withdrawn, t.withdraw = context.WithCancel(context.Background())
	return t
}

// setLine takes on what the file says of the token now, its expiry included.
func (t *token) setLine(line *TokenLine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line.Store(line)
	for timer := range t.expiry {
		timer.Reset(line.left())
	}
}

// onEnd calls end in a goroutine of its own once the token is withdrawn, or expires by the line that it has then. The
// function that it returns forgets that, and reports whether end was not called and will not be.
func (t *token) onEnd(end func()) (forget func() bool) {
	end = sync.OnceFunc(end)
	withdrawal := context.AfterFunc(t.withdrawn, end)
	t.mu.Lock()
	defer t.mu.Unlock()
	timer := time.AfterFunc(t.line.Load().left(), end)
	t.expiry[timer] = struct{}{}
	return func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.expiry, timer)
		unexpired := timer.Stop()
		return withdrawal() && unexpired
	}
}

// principal is who brings the token, as the file has them now; false once it has expired.
func (t *token) principal() (Principal, bool) {
	line := t.line.Load()
	return Principal{
		Name: t.name, Mode: line.Mode, Roles: line.Roles,
		Person: policy.Person{Email: line.Person}, token: t,
	}, t.withdrawn.Err() == nil && !line.expired(time.Now())
}

// tokenPrefix lets scanners for leaked secrets recognise a token.
const tokenPrefix = "imcp_"

var principalName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)
})

// LoadTokens reads the file at path.
func LoadTokens(path string) (*Tokens, error) {
	t := &Tokens{path: path}
	if _, err := t.Reload(); err != nil {
		return nil, err
	}
	return t, nil
}

// Reload reads the file again, and returns the names whose last line is gone. A file that others can write is refused:
// see [CheckUnshared]. On an error the tokens stay as they were.
func (t *Tokens) Reload() (gone []string, err error) {
	t.reading.Lock()
	defer t.reading.Unlock()
	if err := CheckUnshared(t.path); err != nil {
		return nil, fmt.Errorf("serve: tokens: %w", err)
	}
	raw, err := os.ReadFile(t.path)
	if err != nil {
		return nil, fmt.Errorf("serve: tokens: %w", err)
	}
	lines, err := parseTokens(raw)
	if err != nil {
		return nil, fmt.Errorf("serve: tokens: %s:%w", t.path, err)
	}
	entries := make([]*token, len(lines))
	for i, line := range lines {
		entries[i] = newToken(line)
	}
	return t.replace(entries), nil
}

// replace puts new entries in the place of the old ones, of which those that stay
// take on what is new and the others are withdrawn. It returns the names of which no entry is left.
func (t *Tokens) replace(entries []*token) (gone []string) {
	var old []*token
	if known := t.entries.Load(); known != nil {
		old = slices.Clone(*known)
	}
	for i, entry := range entries {
		same := func(o *token) bool { return o.digest == entry.digest && o.name == entry.name }
		if j := slices.IndexFunc(old, same); j >= 0 {
			entries[i] = old[j]
			entries[i].setLine(entry.line.Load())
			old = slices.Delete(old, j, j+1)
		}
	}
	t.entries.Store(&entries)
	for _, entry := range old {
		entry.withdraw()
		if !slices.ContainsFunc(entries, func(e *token) bool { return e.name == entry.name }) &&
			!slices.Contains(gone, entry.name) {
			gone = append(gone, entry.name)
		}
	}
	return gone
}

// Roles are those of all lines, sorted, each once.
func (t *Tokens) Roles() []string {
	var roles []string
	for _, entry := range *t.entries.Load() {
		roles = append(roles, entry.line.Load().Roles...)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Lacks reports whether a name could be one of the file, and has no line in it, not even one that has expired. The
// principals of other kinds, such as those of an identity provider, could not.
func (t *Tokens) Lacks(name string) bool {
	return checkName(name) == nil && !slices.ContainsFunc(*t.entries.Load(),
		func(e *token) bool { return e.name == name })
}

// Find looks a token up in a time that depends on the file's length alone.
func (t *Tokens) Find(token string) (Principal, bool) {
	digest := sha256.Sum256([]byte(token))
	found := -1
	entries := *t.entries.Load()
	for i := range entries {
		if subtle.ConstantTimeCompare(entries[i].digest[:], digest[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return Principal{}, false
	}
	return entries[found].principal()
}
