package auth

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/mail"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
)

// TokenLine is one line of a file of tokens: the hexadecimal SHA-256 digest of the token, the name of its principal and
// the principal's mode, and then, in any order and as far as there are any: roles=ops,leads, person=ann@example.com and
// expires=2027-01-31T00:00:00Z.
type TokenLine struct {
	Digest  [sha256.Size]byte
	Name    string
	Mode    policy.Mode
	Roles   []string
	Person  string    // e-mail; "" for a program
	Expires time.Time // zero: never
}

// String implements [fmt.Stringer]: the line as it is in the file.
func (l TokenLine) String() string {
	line := fmt.Sprintf("%x %s %s", l.Digest, l.Name, l.Mode)
	if len(l.Roles) > 0 {
		line += " roles=" + strings.Join(l.Roles, ",")
	}
	if l.Person != "" {
		line += " person=" + l.Person
	}
	if !l.Expires.IsZero() {
		line += " expires=" + l.Expires.UTC().Format(time.RFC3339)
	}
	return line
}

// expired reports whether the token's time is over.
func (l *TokenLine) expired(now time.Time) bool { return !l.Expires.IsZero() && !now.Before(l.Expires) }

// left is the time until the line expires.
func (l *TokenLine) left() time.Duration {
	if l.Expires.IsZero() {
		return math.MaxInt64
	}
	return time.Until(l.Expires)
}

// check refuses what a line cannot say.
func (l *TokenLine) check() error {
	if err := checkName(l.Name); err != nil {
		return err
	}
	for _, role := range l.Roles {
		if !principalName().MatchString(role) {
			return fmt.Errorf("the role %q must be 1 to 64 letters, digits or ._@-", role)
		}
		if policy.IsApprover(role) {
			return fmt.Errorf("the role %q is for people who sign in at the console, and not for a token", role)
		}
	}
	if l.Person != "" {
		if address, err := mail.ParseAddress(l.Person); err != nil || address.Address != l.Person ||
			strings.ContainsAny(l.Person, " \t\"") {
			return fmt.Errorf("the person %q must be an e-mail address", l.Person)
		}
	}
	return nil
}

// differs says in what two lines of one name differ that must not; "" where they agree.
func (l *TokenLine) differs(other *TokenLine) string {
	switch {
	case l.Mode != other.Mode:
		return fmt.Sprintf("has mode %s", other.Mode)
	case !slices.Equal(l.Roles, other.Roles):
		return fmt.Sprintf("has the roles %q", strings.Join(other.Roles, ","))
	case l.Person != other.Person:
		return fmt.Sprintf("has the person %q", other.Person)
	}
	return ""
}

// byteOrderMark is what some editors begin a file with.
var byteOrderMark = []byte("\ufeff")

// parseTokens reads a file of tokens. Its errors begin with the line's number.
func parseTokens(raw []byte) ([]TokenLine, error) {
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		return nil, errors.New("1: the file is text in UTF-16: save it in UTF-8")
	}
	var all []TokenLine
	first := make(map[string]*TokenLine)
	digests := make(map[[sha256.Size]byte]bool)
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(raw, byteOrderMark)))
	number := 0 // of the line
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		line, err := parseToken(text)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", number, err)
		}
		if other := first[line.Name]; other == nil {
			first[line.Name] = &line
		} else if what := line.differs(other); what != "" {
			return nil, fmt.Errorf("%d: another line of %q %s: all of one name have the same", number, line.Name, what)
		}
		if digests[line.Digest] {
			return nil, fmt.Errorf("%d: a second line for one token", number)
		}
		digests[line.Digest] = true
		all = append(all, line)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%d: %w", number+1, err)
	}
	return all, nil
}

// parseToken reads one line.
func parseToken(text string) (TokenLine, error) {
	fields := strings.Fields(text)
	if len(fields) < 3 {
		return TokenLine{}, errors.New("a line holds a digest, a name and a mode")
	}
	digest, err := hex.DecodeString(fields[0])
	if err != nil || len(digest) != sha256.Size {
		return TokenLine{}, errors.New("the digest must be 64 hexadecimal digits")
	}
	line := TokenLine{Digest: [sha256.Size]byte(digest), Name: fields[1]}
	if err := checkName(line.Name); err != nil {
		return line, err
	}
	if line.Mode, err = policy.ParseMode(fields[2]); err != nil {
		return line, err
	}
	given := make(map[string]bool)
	for _, field := range fields[3:] {
		key, value, _ := strings.Cut(field, "=")
		switch {
		case given[key]:
			return line, fmt.Errorf("%s is there twice", key)
		case value == "":
			return line, fmt.Errorf("%q says nothing; after the mode come roles=, person= and expires=", field)
		}
		given[key] = true
		switch key {
		case "roles":
			line.Roles = strings.Split(value, ",")
		case "person":
			line.Person = value
		case "expires":
			if line.Expires, err = time.Parse(time.RFC3339, value); err != nil {
				return line, fmt.Errorf("expires=%s is no time such as 2027-01-31T00:00:00Z", value)
			}
		default:
			return line, fmt.Errorf("%q is unknown; after the mode come roles=, person= and expires=", key)
		}
	}
	return line, line.check()
}

// checkName checks the name of a principal. "local" is who needs no token.
func checkName(name string) error {
	if !principalName().MatchString(name) || name == Local.Name {
		return fmt.Errorf("the name %q must be 1 to 64 letters, digits or ._@- and not %q", name, Local.Name)
	}
	return nil
}
