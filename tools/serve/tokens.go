package serve

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"intercom-mcp/policy"
)

// Tokens knows the bearer tokens that may call the server, from a file with
// one line for each: the hexadecimal SHA-256 digest of the token, the name of
// its principal, and the principal's mode. The tokens themselves are stored
// nowhere. Empty lines and lines that begin with # do not count. It is safe
// for concurrent use.
type Tokens struct {
	path    string
	entries atomic.Pointer[[]tokenEntry]
}

type tokenEntry struct {
	digest    [sha256.Size]byte
	principal principal
}

// tokenPrefix lets scanners for leaked secrets recognise a token.
const tokenPrefix = "imcp_"

var principalName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`) })

// LoadTokens reads the file at path.
func LoadTokens(path string) (*Tokens, error) {
	t := &Tokens{path: path}
	if err := t.Reload(); err != nil {
		return nil, err
	}
	return t, nil
}

// Reload reads the file again. On an error the tokens stay as they were.
func (t *Tokens) Reload() error {
	raw, err := os.ReadFile(t.path)
	if err != nil {
		return fmt.Errorf("serve: tokens: %w", err)
	}
	entries, err := parseTokens(raw)
	if err != nil {
		return fmt.Errorf("serve: tokens: %s:%w", t.path, err)
	}
	t.entries.Store(&entries)
	return nil
}

// parseTokens reads a file of tokens. Its errors begin with the line's number.
func parseTokens(raw []byte) ([]tokenEntry, error) {
	var entries []tokenEntry
	names := make(map[string]bool)
	lines := bufio.NewScanner(bytes.NewReader(raw))
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
		if names[entry.principal.name] {
			return nil, fmt.Errorf("%d: a second line for %q", number, entry.principal.name)
		}
		names[entry.principal.name] = true
		entries = append(entries, entry)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%d: %w", number+1, err)
	}
	return entries, nil
}

// parseToken reads one line: digest, name, mode.
func parseToken(line string) (tokenEntry, error) {
	var entry tokenEntry
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return entry, errors.New("a line holds a digest, a name and a mode")
	}
	digest, err := hex.DecodeString(fields[0])
	if err != nil || len(digest) != sha256.Size {
		return entry, errors.New("the digest must be 64 hexadecimal digits")
	}
	if err := checkName(fields[1]); err != nil {
		return entry, err
	}
	mode, err := policy.ParseMode(fields[2])
	if err != nil {
		return entry, err
	}
	copy(entry.digest[:], digest)
	entry.principal = principal{name: fields[1], mode: mode}
	return entry, nil
}

// checkName checks the name of a principal. "local" is who needs no token.
func checkName(name string) error {
	if !principalName().MatchString(name) || name == local.name {
		return fmt.Errorf("the name %q must be 1 to 64 letters, digits or ._@- and not %q", name, local.name)
	}
	return nil
}

// NewToken makes a token for a new principal, adds its digest to the file at
// path, which is created if need be, and returns the token. It is not to be
// found anywhere afterwards.
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

// admit finds the principal of the request's bearer token, or answers 401 with
// the challenge of RFC 6750.
func (t *Tokens) admit(w http.ResponseWriter, r *http.Request) (principal, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	challenge := `Bearer realm="intercom-mcp"`
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		if who, ok := t.find(strings.TrimSpace(token)); ok {
			return who, true
		}
		challenge += `, error="invalid_token", error_description="the token is unknown or was withdrawn"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	writeText(w, http.StatusUnauthorized, "a bearer token is needed")
	return principal{}, false
}

// find looks a token up in a time that depends on the file's length alone.
func (t *Tokens) find(token string) (principal, bool) {
	digest := sha256.Sum256([]byte(token))
	found := -1
	entries := *t.entries.Load()
	for i := range entries {
		if subtle.ConstantTimeCompare(entries[i].digest[:], digest[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return principal{}, false
	}
	return entries[found].principal, true
}
