package auth

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// TokenFile is a file of tokens that is edited. What was written by hand, comments say, stays. Of two who edit it at
// the same time one is told to try again. A server takes on what is new when it reads the file again.
type TokenFile string

// New makes a token for the principal of a line, who must not have one yet, adds its digest to the file, which is
// created if need be, and returns the token. It is not to be found anywhere afterwards.
func (f TokenFile) New(line TokenLine) (string, error) {
	token := tokenPrefix + rand.Text() + rand.Text()
	line.Digest = sha256.Sum256([]byte(token))
	return token, f.edit(mayBeMade, func(lines []string) ([]string, error) {
		for _, text := range lines {
			if other, err := parseToken(text); err == nil && other.Name == line.Name {
				return nil, fmt.Errorf("%q has a token already: \"intercom-mcp token rotate %[1]s\" replaces it, and after "+
					"\"intercom-mcp token revoke %[1]s\" there can be one of another kind", line.Name)
			}
		}
		return append(lines, line.String()), line.check()
	})
}

// List reads the lines.
func (f TokenFile) List() ([]TokenLine, error) {
	raw, err := os.ReadFile(string(f))
	if err != nil {
		return nil, fmt.Errorf("serve: token: %w", err)
	}
	lines, err := parseTokens(raw)
	if err != nil {
		return nil, fmt.Errorf("serve: token: %s:%w", f, err)
	}
	return lines, nil
}

// Rotate makes a further token like the others of a name, which go on until then at most, and returns it.
func (f TokenFile) Rotate(name string, until time.Time) (string, error) {
	lines, err := f.List()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(lines, func(l TokenLine) bool { return l.Name == name })
	if i < 0 {
		return "", fmt.Errorf("serve: token: %s has no token of %q", f, name)
	}
	made := lines[i]
	made.Expires = time.Time{}
	token := tokenPrefix + rand.Text() + rand.Text()
	made.Digest = sha256.Sum256([]byte(token))
	return token, f.edit(isThere, func(lines []string) ([]string, error) {
		for i, text := range lines {
			line, err := parseToken(text)
			if err != nil || line.Name != name || !line.Expires.IsZero() && line.Expires.Before(until) {
				continue
			}
			line.Expires = until
			lines[i] = line.String()
		}
		return append(lines, made.String()), nil
	})
}

// Revoke removes the lines of a name, or of them the one whose digest begins so, and returns how many.
func (f TokenFile) Revoke(name, digest string) (removed int, err error) {
	err = f.edit(isThere, func(lines []string) ([]string, error) {
		kept := slices.DeleteFunc(slices.Clone(lines), func(text string) bool {
			line, err := parseToken(text)
			return err == nil && line.Name == name && strings.HasPrefix(fmt.Sprintf("%x", line.Digest), digest)
		})
		if removed = len(lines) - len(kept); removed == 0 {
			return nil, fmt.Errorf("there is no such token of %q", name)
		}
		if digest != "" && removed > 1 {
			return nil, fmt.Errorf("%d digests of %q begin with %q", removed, name, digest)
		}
		return kept, nil
	})
	return removed, err
}

// existence is whether a file that is edited has to be there.
type existence bool

const (
	isThere   existence = true
	mayBeMade existence = false
)

// edit replaces the file by one of other lines, which only its owner may read, unless it would not be right, or
// somebody else edits it.
func (f TokenFile) edit(is existence, change func(lines []string) ([]string, error)) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("serve: token: %s: %w", f, err)
		}
	}()
	path := string(f)
	if err := CheckUnshared(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		path = linked
	}
	next, err := os.OpenFile(path+".new", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("somebody else edits it; try again, or remove %s.new", path)
	} else if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // gone, where it took the file's place
	defer next.Close()
	raw, err := os.ReadFile(path)
	if err != nil && (is == isThere || !errors.Is(err, fs.ErrNotExist)) {
		return err
	}
	if _, err := parseTokens(raw); err != nil {
		return err
	}
	var lines []string
	if text := string(bytes.TrimPrefix(raw, byteOrderMark)); strings.TrimSpace(text) != "" {
		lines = strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	}
	lines, err = change(lines)
	if err != nil {
		return err
	}
	text := strings.Join(append(lines, ""), "\n")
	if _, err := parseTokens([]byte(text)); err != nil {
		return err
	}
	if _, err := next.WriteString(text); err != nil {
		return err
	}
	if err := errors.Join(next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), path)
}
