package serve

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// state is what a question's answer must carry back: which change was asked
// about, and the call that it belongs to.
type state struct {
	Change  string    `json:"c"`
	Binding string    `json:"b"`
	Expires time.Time `json:"e"`
	Nonce   string    `json:"n"`
}

// The ways in which a sealed state can be refused.
var (
	errForged   = errors.New("requestState was not issued by this server for this call")
	errReplayed = errors.New("requestState was used before")
	errExpired  = errors.New("requestState has expired")
)

// maxSealed bounds what is taken for a sealed state at all, in bytes.
const maxSealed = 4096

// seal turns states into opaque text and back: AES-256-GCM, bound to the
// principal and the tool, each good for one use. It is safe for concurrent
// use. Only this process knows which states were used; across processes the
// change itself can be answered only once.
type seal struct {
	keys *SealKeys

	mu   sync.Mutex
	used map[string]time.Time // nonces, until they would have expired
}

// newSeal makes a seal with keys; without them, with a random one.
func newSeal(keys *SealKeys) (*seal, error) {
	if keys == nil {
		keys = new(SealKeys)
		if err := keys.use([][]byte{randomKey()}); err != nil {
			return nil, err
		}
	}
	return &seal{keys: keys, used: make(map[string]time.Time)}, nil
}

// binding is the additional data that ties a sealed state to its owner. The
// names of tools and principals contain no NUL.
func binding(principal, tool string) []byte { return []byte(principal + "\x00" + tool) }

// close seals st for the principal's call of the tool.
func (s *seal) close(principal, tool string, st state) (string, error) {
	st.Nonce = rand.Text()
	plain, err := json.Marshal(st)
	if err != nil {
		return "", fmt.Errorf("sealing the state of a question: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString((*s.keys.ring.Load())[0].Seal(nil, nil, plain, binding(principal, tool))), nil
}

// open returns the state in sealed if it was sealed for the principal and the
// tool, has not expired and was not spent: else errForged, errExpired or
// errReplayed.
func (s *seal) open(principal, tool, sealed string, now time.Time) (state, error) {
	var st state
	if len(sealed) > maxSealed || strings.ContainsAny(sealed, "\r\n") { // which encoding/base64 passes over
		return st, errForged
	}
	box, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return st, errForged
	}
	plain, err := s.decrypt(box, binding(principal, tool))
	if err != nil {
		return st, errForged
	}
	if err := json.Unmarshal(plain, &st); err != nil {
		return st, errForged
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, spent := s.used[st.Nonce]; spent {
		return st, errReplayed
	}
	if !now.Before(st.Expires) {
		return st, errExpired
	}
	return st, nil
}

// decrypt tries every key of the ring.
func (s *seal) decrypt(box, additional []byte) ([]byte, error) {
	for _, key := range *s.keys.ring.Load() {
		if plain, err := key.Open(nil, nil, box, additional); err == nil {
			return plain, nil
		}
	}
	return nil, errForged
}

// spend uses the state up. Of any number of concurrent callers one succeeds,
// the others get errReplayed.
func (s *seal) spend(st state, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, spent := s.used[st.Nonce]; spent {
		return errReplayed
	}
	for nonce, expires := range s.used {
		if !now.Before(expires) {
			delete(s.used, nonce)
		}
	}
	s.used[st.Nonce] = st.Expires
	return nil
}
