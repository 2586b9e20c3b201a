package serve

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// A body is long beyond freeBody bytes, which few are. So many long ones are read at a time, in all and of one
// principal: bodies that clients hold back must not fill the memory.
const (
	freeBody          = 32 << 10
	maxLongBodies     = 64
	maxLongBodiesEach = 16
)

var (
	tooLarge   = refuse(http.StatusRequestEntityTooLarge, "a message has at most 512 KiB")
	bodiesBusy = &refusal{http.StatusServiceUnavailable, jsonrpc.Internal(
		"The server reads as many long messages as it takes. Nothing was done; try again.")}
)

// read returns the body of a POST.
func (g *guard) read(w http.ResponseWriter, r *http.Request, who auth.Principal) ([]byte, *refusal) {
	if refused := unacceptable(r.Header); refused != nil {
		return nil, refused
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, "the Content-Type must be application/json")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, refuse(http.StatusUnsupportedMediaType, "the body must not be encoded")
	}
	if r.ContentLength > jsonrpc.MaxMessage {
		return nil, tooLarge
	}
	body, refused := g.readBody(w, r, who)
	if refused != nil {
		return nil, refused
	}
	// Only now: what net/http waits for after a refusal must have an end, too.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // a byte order mark, as some programs begin a text
	if len(body) == 0 {
		return nil, refuse(http.StatusBadRequest, "the body is empty")
	}
	return body, nil
}

// readBody reads a body to its end. One that turns out to be long needs a slot until then.
func (g *guard) readBody(w http.ResponseWriter, r *http.Request, who auth.Principal) ([]byte, *refusal) {
	in := http.MaxBytesReader(w, r.Body, jsonrpc.MaxMessage)
	body, err := io.ReadAll(io.LimitReader(in, freeBody+1))
	if err == nil && len(body) > freeBody {
		free, ok := g.bodies.take(who.Name)
		if !ok {
			w.Header().Set("Retry-After", "1")
			return nil, bodiesBusy
		}
		defer free()
		whole := bytes.NewBuffer(body)
		whole.Grow(max(0, int(r.ContentLength)-len(body)) + bytes.MinRead)
		_, err = whole.ReadFrom(in)
		body = whole.Bytes()
	}
	if limit := (*http.MaxBytesError)(nil); errors.As(err, &limit) {
		return nil, tooLarge
	} else if err != nil {
		return nil, refuse(http.StatusBadRequest, "the body could not be read")
	}
	return body, nil
}
