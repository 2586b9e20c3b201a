package sandbox

import (
	"net/http"
	"strconv"
)

// ServeHTTP answers one request. A fault that breaks the connection, and a caller who gives up, end in a panic with
// http.ErrAbortHandler, on which net/http closes the connection.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, err := readIncoming(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out, err := s.serve(r.Context(), in)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	for key, values := range out.header {
		h[key] = values
	}
	h.Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	if !out.truncated {
		w.Write(out.body) // a caller who is gone misses the answer, nothing else
		return
	}
	w.Write(out.firstHalf())
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}
