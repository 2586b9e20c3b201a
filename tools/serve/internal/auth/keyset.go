package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/semaphore"
)

const (
	// refreshEvery is how often a token with an unknown key, or a signature that fits none, has the keys read again.
	refreshEvery = 30 * time.Second
	// retryEvery is how often keys are asked for that could not be read the last time.
	retryEvery = 5 * time.Second
	// renewAfter is how old keys in use become before they are read again.
	renewAfter = 45 * time.Minute
	// keysCount is how old keys become before none of them counts, where they cannot be read again.
	keysCount = time.Hour
	// maxKeys bounds an answer of the identity provider, in bytes.
	maxKeys = 1 << 20
)

// errNoKeys tells that the identity provider's keys cannot be read.
var errNoKeys = errors.New("the identity provider's keys cannot be read")

// noKeysKey is the key of the *error that tells the caller of errNoKeys.
type noKeysKey struct{}

// keySet are the keys of an identity provider. Those who need keys that are not here wait for one request, and a flood
// of tokens with made-up keys or signatures causes no more than one in [refreshEvery].
//
// A key that the provider has withdrawn counts for [keysCount] at most: keys in use are read again once they are older
// than [renewAfter], by one of the requests while the others go on with those that are here, and none counts that is
// older than [keysCount]. It is safe for concurrent use.
type keySet struct {
	client *http.Client
	// url finds where the keys are.
	url  func(context.Context) (string, error)
	algs []jose.SignatureAlgorithm
	now  func() time.Time

	mu   sync.RWMutex
	keys []jose.JSONWebKey
	read time.Time // when they were

	turn   *semaphore.Weighted // whoever has it may ask
	asked  time.Time           // last; the turn's
	failed error               // why the keys could not be read then; the turn's
}

func newKeySet(client *http.Client, algs []jose.SignatureAlgorithm, url func(context.Context) (string, error)) *keySet {
	return &keySet{client: client, url: url, algs: algs, now: time.Now, turn: semaphore.NewWeighted(1)}
}

// VerifySignature implements [oidc.KeySet].
func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	signed, err := jose.ParseSigned(jwt, k.algs)
	if err != nil {
		return nil, err
	}
	id := signed.Signatures[0].Header.KeyID
	if err := k.renew(ctx); err != nil {
		return nil, tellNoKeys(ctx, err)
	}
	payload, known := k.verify(signed, id)
	if payload == nil { // its key may be new, under a new id, the same one or none
		if err := k.refresh(ctx); err != nil {
			return nil, tellNoKeys(ctx, err)
		}
		payload, known = k.verify(signed, id)
	}
	switch {
	case payload != nil:
		return payload, nil
	case !known:
		return nil, fmt.Errorf("its key %.60q is none of the identity provider's", id)
	}
	return nil, errors.New("its signature does not fit the key")
}

// tellNoKeys tells the caller where an error is errNoKeys, and returns it.
func tellNoKeys(ctx context.Context, err error) error {
	if noKeys, ok := ctx.Value(noKeysKey{}).(*error); ok && errors.Is(err, errNoKeys) {
		*noKeys = err
	}
	return err
}

// renew reads keys again that are getting old. It fails where they are too old to count and cannot be read.
func (k *keySet) renew(ctx context.Context) error {
	k.mu.RLock()
	age := k.now().Sub(k.read)
	k.mu.RUnlock()
	switch {
	case age < renewAfter:
		return nil
	case age >= keysCount:
		return k.refresh(ctx)
	}
	if k.turn.TryAcquire(1) { // else another one is at it
		defer k.turn.Release(1)
		k.readAgain(ctx) // a failure is no matter yet
	}
	return nil
}

// verify tries the keys of an id, or all for a token that names none. known reports whether there is any to try.
func (k *keySet) verify(signed *jose.JSONWebSignature, id string) (payload []byte, known bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for i := range k.keys {
		if key := &k.keys[i]; id == "" || key.KeyID == id {
			known = true
			if payload, err := signed.Verify(key); err == nil {
				return payload, true
			}
		}
	}
	return nil, known
}

// refresh reads the keys again, unless that was done lately. It fails where they could not be read: a key that is not
// here may be a new one. Whoever waited for another's request does not repeat it.
func (k *keySet) refresh(ctx context.Context) error {
	if err := k.turn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer k.turn.Release(1)
	k.readAgain(ctx)
	if k.failed != nil {
		return fmt.Errorf("%w: %w", errNoKeys, k.failed)
	}
	return nil
}

// readAgain reads the keys, unless that was done lately, and keeps why it failed. The caller has the turn.
func (k *keySet) readAgain(ctx context.Context) {
	every := refreshEvery
	if k.failed != nil {
		every = retryEvery
	}
	now := k.now()
	if !k.asked.IsZero() && now.Sub(k.asked) < every {
		return
	}
	k.asked = now
	keys, err := k.fetch(context.WithoutCancel(ctx)) // others wait for it, too; the client has a timeout
	if k.failed = err; err == nil {
		k.mu.Lock()
		k.keys, k.read = keys, now
		k.mu.Unlock()
	}
}

// fetch reads the keys. Those of kinds that are not known here are passed over.
func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	url, err := k.url(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeys+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxKeys {
		return nil, fmt.Errorf("%s answers more than %d KiB", url, maxKeys>>10)
	}
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && key.IsPublic() && key.Valid() && key.Use != "enc" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s holds no key that can verify", url)
	}
	return keys, nil
}
