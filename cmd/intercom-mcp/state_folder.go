package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"intercom-mcp/intercom"
)

// stateFolder finds the files of changes where nobody names one. The history is the workspace's: a file may be named
// after the token with which it was begun, or after the workspace, and small files beside it, named after the other
// tokens and the workspace, say which file it is.
type stateFolder struct {
	dir    string
	config intercom.Config // whose token and endpoint are meant
}

// key names a token or a workspace at the endpoint, without telling it.
func (f stateFolder) key(kind, name string) string {
	parts := []string{kind, string(f.config.Region), f.config.BaseURL, name}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func (f stateFolder) tokenKey() string { return f.key("intercom-mcp state", f.config.Token) }

// ofToken is the file of the token's workspace as far as that is known without asking Intercom.
func (f stateFolder) ofToken() string {
	own := filepath.Join(f.dir, f.tokenKey()+".db")
	if _, err := os.Lstat(own); err == nil {
		return own
	}
	if noted, ok := f.noted(f.tokenKey()); ok {
		return noted
	}
	return own
}

// noted reads which file a small file says; it has to be there.
func (f stateFolder) noted(key string) (path string, ok bool) {
	name, err := os.ReadFile(filepath.Join(f.dir, key+".ref"))
	path = filepath.Join(f.dir, filepath.Base(strings.TrimSpace(string(name))))
	if err != nil || filepath.Ext(path) != ".db" {
		return "", false
	}
	_, err = os.Lstat(path)
	return path, err == nil
}

// note writes which file is that of a token or a workspace. What is noted already stays while that file is there.
func (f stateFolder) note(key, path string) error {
	if _, ok := f.noted(key); ok || filepath.Base(path) == key+".db" {
		return nil
	}
	made, err := os.CreateTemp(f.dir, key+".*.new") // which only its owner may read
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(made, filepath.Base(path))
	if err = errors.Join(err, made.Sync(), made.Close()); err == nil {
		err = os.Rename(made.Name(), filepath.Join(f.dir, key+".ref"))
	}
	if err != nil {
		return errors.Join(err, os.Remove(made.Name()))
	}
	return nil
}

// adopting finds the file where the token has none: that of its workspace, which Intercom tells.
func (f stateFolder) adopting(workspace func(context.Context) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		name, err := workspace(ctx)
		if err != nil {
			return "", fmt.Errorf("asking which workspace the access token is of: %w", err)
		}
		key := f.key("intercom-mcp workspace", name)
		path, known := f.noted(key)
		if !known {
			path = filepath.Join(f.dir, key+".db")
		}
		if err := checkState(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return "", err
		}
		return path, f.note(f.tokenKey(), path)
	}
}

// noting notes which file the workspace has, once Intercom has told which workspace it is: a later token goes on there.
func (f stateFolder) noting(
	workspace func(context.Context) (string, error), path func() string,
) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		name, err := workspace(ctx)
		if err != nil {
			return "", err
		}
		key := f.key("intercom-mcp workspace", name)
		if _, err := os.Lstat(filepath.Join(f.dir, key+".db")); err == nil {
			return name, nil
		}
		if _, err := os.Lstat(path()); err != nil {
			return name, nil // and is to be made
		}
		return name, f.note(key, path())
	}
}
