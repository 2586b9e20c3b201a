package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
)

// reply is an answer before it goes out on the wire.
type reply struct {
	status    int
	header    http.Header
	body      []byte
	truncated bool
}

func (r *reply) firstHalf() []byte { return r.body[:len(r.body)/2] }

// refuse makes the reply an error.
func (r *reply) refuse(e *apiError, requestID string) {
	r.status = e.status
	r.header.Set("X-Request-Id", requestID)
	if e.link != "" {
		r.header.Set("Link", e.link)
	}
	r.encode(e.envelope(requestID))
}

// encode makes value the body.
func (r *reply) encode(value any) {
	r.header.Set("Content-Type", "application/json; charset=utf-8")
	if text, ok := value.(rendered); ok {
		r.body = text
		return
	}
	r.body = encoded(value)
}

// encoded returns the JSON of a value of the package's own, which always has one.
func encoded(value any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic(fmt.Sprintf("sandbox: encoding a response: %v", err))
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// randomUUID draws a version 4 UUID.
func randomUUID(random *rand.Rand) string {
	hi := random.Uint64()&^0xf000 | 0x4000
	lo := random.Uint64()&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}
