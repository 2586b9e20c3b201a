package notify

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// secretPrefix begins a secret, as Standard Webhooks has it.
	secretPrefix = "whsec_"
	// The bounds of a secret, in bytes, are those of Standard Webhooks.
	minSecret, maxSecret = 24, 64
	maxSecretFile        = 64 << 10
)

// Secrets sign notices, each on its own, so that a receiver takes those that it knows. The zero Secrets sign nothing.
type Secrets struct{ keys [][]byte }

// LoadSecrets reads a file with one secret in each line: whsec_ and the base64 of 24 to 64 bytes. Empty lines and lines
// that begin with # do not count. Where there is no file it is made, with one new secret that only its owner may read.
// To rotate, add a new secret, and remove the old one once the receiver knows the new one.
func LoadSecrets(path string) (s Secrets, err error) {
	if err := createSecret(path); err != nil {
		return s, fmt.Errorf("secrets of notices: %w", err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("secrets of notices: %w", err)
	}
	if len(raw) > maxSecretFile {
		return s, fmt.Errorf("secrets of notices: %s is larger than %d KiB", path, maxSecretFile>>10)
	}
	for i, line := range strings.Split(string(bytes.TrimPrefix(raw, []byte("\ufeff"))), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		encoded, named := strings.CutPrefix(line, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !named || err != nil || len(key) < minSecret || len(key) > maxSecret {
			return Secrets{}, fmt.Errorf("secrets of notices: %s:%d: a secret is %s and the base64 of %d to %d bytes",
				path, i+1, secretPrefix, minSecret, maxSecret)
		}
		s.keys = append(s.keys, key)
	}
	if len(s.keys) == 0 {
		return s, fmt.Errorf("secrets of notices: %s holds no secret", path)
	}
	return s, nil
}

// createSecret makes a file of one new secret, unless there is a file.
func createSecret(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails: crypto/rand aborts the program instead
	_, err = fmt.Fprintln(file, secretPrefix+base64.StdEncoding.EncodeToString(key))
	return errors.Join(err, file.Close())
}

// sign is the signature of a body that is sent at a time, by each secret: "v1,…", parted by spaces.
func (s Secrets) sign(id string, at time.Time, body []byte) string {
	signatures := make([]string, len(s.keys))
	for i, key := range s.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}
