package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// keptSandbox is an embedded Intercom that outlives the process, beside a state file: the requests that wrote to it are
// kept in a file, and made again at the next start. It is safe for concurrent use. Processes that run at the same time
// do not see what the others write.
type keptSandbox struct {
	space *sandbox.Sandbox
	mu    sync.Mutex
	file  *os.File
	at    time.Time // the time in the sandbox while requests are made again; zero: now
}

// keptRequest is one line of the file. The first line has a time alone: that of the workspace's making.
type keptRequest struct {
	At      time.Time       `json:"at"`
	Method  string          `json:"method,omitempty"`
	Path    string          `json:"path,omitempty"`
	Version string          `json:"version,omitempty"`
	Body    json.RawMessage `json:"body,omitempty"`
}

// keepSandbox opens the embedded Intercom whose requests are kept at path.
func keepSandbox(path string) (*keptSandbox, error) {
	k := &keptSandbox{at: time.Now()}
	requests, err := readKept(path)
	if err != nil {
		return nil, err
	}
	if len(requests) > 0 {
		k.at = requests[0].At
	}
	k.space = sandbox.New(sandbox.Options{Now: k.now})
	for _, r := range requests[min(1, len(requests)):] {
		k.at = r.At
		if err := k.replay(r); err != nil {
			return nil, fmt.Errorf("%s: %w; remove it to begin with a fresh workspace", path, err)
		}
	}
	made := k.at
	k.at = time.Time{}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil { // as for the state file beside it
		return nil, err
	}
	if k.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	if len(requests) == 0 {
		err = k.write(keptRequest{At: made})
	}
	return k, err
}

// readKept reads the lines of the file; none where there is no file.
func readKept(path string) (all []keptRequest, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := json.NewDecoder(bufio.NewReader(file))
	for {
		var r keptRequest
		switch err := lines.Decode(&r); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w; remove it to begin with a fresh workspace", path, err)
		}
		all = append(all, r)
	}
}

func (k *keptSandbox) now() time.Time {
	if k.at.IsZero() {
		return time.Now()
	}
	return k.at
}

// replay makes a kept request again.
func (k *keptSandbox) replay(r keptRequest) error {
	request, err := http.NewRequestWithContext(context.Background(), r.Method, "http://localhost"+r.Path,
		bytes.NewReader(r.Body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer sandbox")
	request.Header.Set("Intercom-Version", r.Version)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	answer, err := k.space.RoundTrip(request)
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s is answered with status %d now", r.Method, r.Path, answer.StatusCode)
	}
	return errors.Join(err, answer.Body.Close())
}

// searches are the requests by POST that write nothing.
var searches = []string{"/contacts/search", "/companies/list"}

// RoundTrip implements [http.RoundTripper].
func (k *keptSandbox) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || slices.Contains(searches, r.URL.Path) {
		return k.space.RoundTrip(r)
	}
	k.mu.Lock() // what is kept is in the order in which it took effect
	defer k.mu.Unlock()
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, errors.Join(err, r.Body.Close())
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	sent := r.Clone(r.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	at := time.Now()
	answer, err := k.space.RoundTrip(sent)
	if err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		return answer, err
	}
	kept := keptRequest{At: at, Method: r.Method, Path: r.URL.RequestURI(), Version: r.Header.Get("Intercom-Version")}
	if json.Valid(body) {
		kept.Body = body
	}
	if err := k.write(kept); err != nil {
		return nil, errors.Join(err, answer.Body.Close())
	}
	return answer, nil
}

// write adds a line to the file, in one piece.
func (k *keptSandbox) write(r keptRequest) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = k.file.Write(append(line, '\n'))
	return err
}

// Close closes the file. A nil sandbox has none.
func (k *keptSandbox) Close() error {
	if k == nil {
		return nil
	}
	return k.file.Close()
}
