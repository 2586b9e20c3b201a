package auth

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"intercom-mcp/policy/change"
)

// SealKeys are the keys that seal what clients carry from an elicitation to its answer, from a file with one key in
// each line: 64 hexadecimal digits. The first seals, all of them open. Empty lines and lines that begin with # do not
// count. To rotate, add a new key on top, and remove an old one once the elicitations that it sealed have expired. It
// is safe for concurrent use.
type SealKeys struct {
	path   string
	ring   atomic.Pointer[[]cipher.AEAD] // one or more; nil while none of shared were read
	shared change.Seals                  // where the keys are, in the place of a file; nil for none
}

// sharedWithin bounds how long keys, and the use of a state, may take where several servers share them.
const sharedWithin = 5 * time.Second

// ShareSealKeys returns the keys of all servers that share a store, which are read when they are first needed. A state
// that one of them sealed is opened by any, and used up once by all of them together.
func ShareSealKeys(store change.Seals) *SealKeys { return &SealKeys{shared: store} }

// keys returns the keys in force.
func (k *SealKeys) keys() ([]cipher.AEAD, error) {
	if ring := k.ring.Load(); ring != nil {
		return *ring, nil
	}
	ctx, enough := context.WithTimeout(context.Background(), sharedWithin)
	defer enough()
	keys, err := k.shared.Keys(ctx)
	if err == nil {
		err = k.use(keys)
	}
	if err != nil {
		return nil, err
	}
	return *k.ring.Load(), nil
}

// LoadSealKeys reads the file at path. Where there is none it is made, with one new key that only its owner may read.
func LoadSealKeys(path string) (*SealKeys, error) {
	if err := createSealKeys(path); err != nil {
		return nil, fmt.Errorf("serve: seal keys: %w", err)
	}
	k := &SealKeys{path: path}
	if err := k.Reload(); err != nil {
		return nil, err
	}
	return k, nil
}

// createSealKeys makes a file of one new key, unless there is a file.
func createSealKeys(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%x\n", randomKey())
	return errors.Join(err, file.Close())
}

// Reload reads the file again. On an error the keys stay as they were.
func (k *SealKeys) Reload() error {
	if k.shared != nil {
		return nil
	}
	raw, err := readSecret(k.path)
	if err != nil {
		return fmt.Errorf("serve: seal keys: %w", err)
	}
	var keys [][]byte
	for i, line := range strings.Split(string(bytes.TrimPrefix(raw, byteOrderMark)), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := hex.DecodeString(line)
		if err != nil || len(key) != keySize {
			return fmt.Errorf("serve: seal keys: %s:%d: a key is %d hexadecimal digits", k.path, i+1, 2*keySize)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return fmt.Errorf("serve: seal keys: %s holds no key", k.path)
	}
	return k.use(keys)
}

// readSecret reads a file, unless others may read it, too.
func readSecret(path string) ([]byte, error) {
	const most = 64 << 10
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := CheckPrivate(path); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(raw) > most {
		err = fmt.Errorf("%s is larger than %d KiB", path, most>>10)
	}
	return raw, err
}

// keySize is how long a key is, in bytes: for AES-256.
const keySize = 32

func randomKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // never fails: crypto/rand aborts the program instead
	return key
}

// use puts keys of keySize in the place of those before.
func (k *SealKeys) use(keys [][]byte) error {
	ring := make([]cipher.AEAD, 0, len(keys))
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return fmt.Errorf("serve: seal keys: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return fmt.Errorf("serve: seal keys: %w", err)
		}
		ring = append(ring, aead)
	}
	k.ring.Store(&ring)
	return nil
}
