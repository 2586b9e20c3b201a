package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// State is what the answer to an elicitation must carry back: which change it is about, and the call that it belongs
// to.
type State struct {
	Change  string    `json:"c"`
	Binding string    `json:"b"`
	Expires time.Time `json:"e"`
	Nonce   string    `json:"n"`
}

// The reasons for which a sealed state is refused.
var (
	ErrForged   = errors.New("requestState was not issued by this server for this call")
	ErrReplayed = errors.New("requestState was used before")
	ErrExpired  = errors.New("requestState has expired")
)

// maxSealed bounds what is taken for a sealed state at all, in bytes.
const maxSealed = 4096

// Seal turns states into opaque text and back: AES-256-GCM, bound to the principal and the tool, each good for one use.
// It is safe for concurrent use. Only this process knows which states were used, unless servers share their keys
// ([ShareSealKeys]); across processes the change itself can be answered only once.
type Seal struct {
	keys *SealKeys

	mu   sync.Mutex
	used map[string]time.Time // nonces, until they would have expired
}

// NewSeal makes a seal with keys; without them, with a random one.
func NewSeal(keys *SealKeys) (*Seal, error) {
	if keys == nil {
		keys = new(SealKeys)
		if err := keys.use([][]byte{randomKey()}); err != nil {
			return nil, err
		}
	}
	return &Seal{keys: keys, used: make(map[string]time.Time)}, nil
}

// binding is the additional data that ties a sealed state to its owner. The
// names of tools and principals contain no NUL.
func binding(principal, tool string) []byte { return []byte(principal + "\x00" + tool) }

// Close seals st for the principal's call of the tool.
func (s *Seal) Close(principal, tool string, st State) (string, error) {
	st.Nonce = rand.Text()
	plain, err := json.Marshal(st)
	if err != nil {
		return "", fmt.Errorf("sealing the state of an elicitation: %w", err)
	}
	keys, err := s.keys.keys()
	if err != nil {
		return "", fmt.Errorf("sealing the state of an elicitation: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(keys[0].Seal(nil, nil, plain, binding(principal, tool))), nil
}

// Open returns the state in sealed if it was sealed for the principal and the tool, has not expired and was not spent:
// else [ErrForged], [ErrExpired] (with the state) or [ErrReplayed].
func (s *Seal) Open(principal, tool, sealed string, now time.Time) (State, error) {
	var st State
	if len(sealed) > maxSealed || strings.ContainsAny(sealed, "\r\n") { // which encoding/base64 passes over
		return st, ErrForged
	}
	box, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return st, ErrForged
	}
	plain, err := s.decrypt(box, binding(principal, tool))
	if err != nil {
		return st, err
	}
	if err := json.Unmarshal(plain, &st); err != nil {
		return st, ErrForged
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, spent := s.used[st.Nonce]; spent {
		return st, ErrReplayed
	}
	if !now.Before(st.Expires) {
		return st, ErrExpired
	}
	return st, nil
}

// decrypt tries every key of the ring.
func (s *Seal) decrypt(box, additional []byte) ([]byte, error) {
	keys, err := s.keys.keys()
	if err != nil {
		return nil, fmt.Errorf("opening the state of an elicitation: %w", err)
	}
	for _, key := range keys {
		if plain, err := key.Open(nil, nil, box, additional); err == nil {
			return plain, nil
		}
	}
	return nil, ErrForged
}

// Spend uses the state up. Of any number of concurrent callers one succeeds, the others get [ErrReplayed]. Where
// servers share their keys and cannot tell each other, it fails.
func (s *Seal) Spend(st State, now time.Time) error {
	if err := s.spendHere(st, now); err != nil || s.keys.shared == nil {
		return err
	}
	ctx, enough := context.WithTimeout(context.Background(), sharedWithin)
	defer enough()
	err := s.keys.shared.Spend(ctx, st.Nonce, st.Expires)
	if errors.Is(err, change.ErrSpent) {
		return ErrReplayed
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.used, st.Nonce) // so that the answer may be given again
		return fmt.Errorf("using up the state of an elicitation: %w", err)
	}
	return nil
}

func (s *Seal) spendHere(st State, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, spent := s.used[st.Nonce]; spent {
		return ErrReplayed
	}
	for nonce, expires := range s.used {
		if !now.Before(expires) {
			delete(s.used, nonce)
		}
	}
	s.used[st.Nonce] = st.Expires
	return nil
}
