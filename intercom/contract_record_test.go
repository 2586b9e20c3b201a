package intercom_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// exchange is a request and its answer, as they were on the wire.
type exchange struct {
	request *http.Request // with its body read
	body    []byte
	status  int
	answer  []byte
}

// version is the API version asked for.
func (e exchange) version() string { return e.request.Header.Get("Intercom-Version") }

// recorder keeps all that passes through it.
type recorder struct {
	http.RoundTripper
	mu   sync.Mutex
	kept []exchange
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	var sent []byte
	if request.Body != nil {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := r.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, exchange{request: request, body: sent, status: response.StatusCode, answer: answer})
	return response, nil
}
