package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// encode makes value the body. The values are the package's own, which always
// have a JSON form.
func (r *reply) encode(value any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic(fmt.Sprintf("sandbox: encoding a response: %v", err))
	}
	r.header.Set("Content-Type", "application/json; charset=utf-8")
	r.body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// newRequestID draws the next request id, a version 4 UUID.
func (s *Sandbox) newRequestID() string {
	hi, lo := s.requests.Uint64(), s.requests.Uint64()
	return uuid(hi, lo)
}

// uuid makes a version 4 UUID of random bits.
func uuid(hi, lo uint64) string {
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}
