package auth

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"intercom-mcp/policy"
)

// Tokens knows the bearer tokens that may call the server, from a file with one line for each: the hexadecimal SHA-256
// digest of the token, the name of its principal, and the principal's mode. A name may have several lines of one mode,
// so that a token can be replaced while the old one still goes. The tokens themselves are stored nowhere. Empty lines
// and lines that begin with # do not count. It is safe for concurrent use.
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
	mode      atomic.Pointer[policy.Mode]
	withdrawn context.Context // done when the line is there no more
	withdraw  context.CancelFunc
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

// Reload reads the file again, and returns the names whose last line is gone. On an error the tokens stay as they were.
func (t *Tokens) Reload() (gone []string, err error) {
	t.reading.Lock()
	defer t.reading.Unlock()
	raw, err := os.ReadFile(t.path)
	if err != nil {
		return nil, fmt.Errorf("serve: tokens: %w", err)
	}
	entries, err := parseTokens(raw)
	if err != nil {
		return nil, fmt.Errorf("serve: tokens: %s:%w", t.path, err)
	}
	return t.replace(entries), nil
}

// replace puts new entries in the place of the old ones, of which those that stay
// take on the new mode and the others are withdrawn. It returns the names of which no entry is left.
func (t *Tokens) replace(entries []*token) (gone []string) {
	var old []*token
	if known := t.entries.Load(); known != nil {
		old = slices.Clone(*known)
	}
	for i, entry := range entries {
		same := func(o *token) bool { return o.digest == entry.digest && o.name == entry.name }
		if j := slices.IndexFunc(old, same); j >= 0 {
			entries[i] = old[j]
			entries[i].mode.Store(entry.mode.Load())
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

// byteOrderMark is what some editors begin a file with.
var byteOrderMark = []byte("\ufeff")

// parseTokens reads a file of tokens. Its errors begin with the line's number.
func parseTokens(raw []byte) ([]*token, error) {
	var entries []*token
	modes := make(map[string]policy.Mode)
	digests := make(map[[sha256.Size]byte]bool)
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(raw, byteOrderMark)))
	number := 0 // of the line
	for lines.Scan() {
		number++
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		entry, err := parseToken(line)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", number, err)
		}
		mode := *entry.mode.Load()
		if first, ok := modes[entry.name]; ok && first != mode {
			return nil, fmt.Errorf("%d: another line of %q has mode %s: all of one name have the same", number, entry.name,
				first)
		}
		if digests[entry.digest] {
			return nil, fmt.Errorf("%d: a second line for one token", number)
		}
		modes[entry.name], digests[entry.digest] = mode, true
		entries = append(entries, entry)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%d: %w", number+1, err)
	}
	return entries, nil
}

// parseToken reads one line: digest, name, mode.
func parseToken(line string) (*token, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return nil, errors.New("a line holds a digest, a name and a mode")
	}
	digest, err := hex.DecodeString(fields[0])
	if err != nil || len(digest) != sha256.Size {
		return nil, errors.New("the digest must be 64 hexadecimal digits")
	}
	if err := checkName(fields[1]); err != nil {
		return nil, err
	}
	mode, err := policy.ParseMode(fields[2])
	if err != nil {
		return nil, err
	}
	entry := &token{digest: [sha256.Size]byte(digest), name: fields[1]}
	entry.mode.Store(&mode)
	entry.withdrawn, entry.withdraw = context.WithCancel(context.Background())
	return entry, nil
}

// checkName checks the name of a principal. "local" is who needs no token.
func checkName(name string) error {
	if !principalName().MatchString(name) || name == Local.Name {
		return fmt.Errorf("the name %q must be 1 to 64 letters, digits or ._@- and not %q", name, Local.Name)
	}
	return nil
}

// NewToken makes a token for a principal, a further one where it has one already, adds its digest to the file at path,
// which is created if need be, and returns the token. It is not to be found anywhere afterwards.
func NewToken(path, name string, mode policy.Mode) (string, error) {
	if err := checkName(name); err != nil {
		return "", fmt.Errorf("serve: token: %w", err)
	}
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("serve: token: %w", err)
	}
	token := tokenPrefix + rand.Text() + rand.Text()
	digest := sha256.Sum256([]byte(token))
	line := fmt.Sprintf("%x %s %s\n", digest, name, mode)
	if len(raw) > 0 && raw[len(raw)-1] != '\n' {
		line = "\n" + line
	}
	if _, err := parseTokens([]byte(string(raw) + line)); err != nil {
		return "", fmt.Errorf("serve: token: %s:%w", path, err)
	}
	return token, appendTo(path, line)
}

// appendTo adds one line to a file that only its owner may read.
func appendTo(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("serve: token: %w", err)
	}
	_, err = file.WriteString(line)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("serve: token: %w", err)
	}
	return nil
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
	return Principal{Name: entries[found].name, Mode: *entries[found].mode.Load(), token: entries[found]}, true
}
