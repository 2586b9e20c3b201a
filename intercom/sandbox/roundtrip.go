package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
)

// RoundTrip answers r in the caller's goroutine, without a port. It obeys the request's context, closes its body, and
// fails where a connection would: with an error that wraps ECONNRESET, or with a body that ends in io.ErrUnexpectedEOF.
func (s *Sandbox) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in, err := readIncoming(r)
	if err != nil {
		return nil, fmt.Errorf("sandbox: reading the request: %w", err)
	}
	out, err := s.serve(r.Context(), in)
	if err != nil {
		return nil, err
	}
	out.header.Set("Content-Length", strconv.Itoa(len(out.body)))
	var body io.Reader = bytes.NewReader(out.body)
	if out.truncated {
		body = io.MultiReader(bytes.NewReader(out.firstHalf()), brokenReader{})
	}
	return &http.Response{
		Status:        strconv.Itoa(out.status) + " " + http.StatusText(out.status),
		StatusCode:    out.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        out.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(out.body)),
		Request:       r,
	}, nil
}

// errReset is what RoundTrip returns for a connection that broke.
var errReset = fmt.Errorf("sandbox: connection broken: %w", syscall.ECONNRESET)

// brokenReader is the rest of a body whose connection broke.
type brokenReader struct{}

// Read implements [io.Reader].
func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
