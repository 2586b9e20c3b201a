package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// world is what the rows are measured in: the embedded Intercom in a process of its own, and a directory for state.
type world struct {
	bin     string // directory of the programs
	span    time.Duration
	dir     string // for state, removed at the end
	url     string // of the embedded Intercom
	contact string // id of one
	sandbox *process
	servers []*process // of the row that is measured
}

// newWorld starts the embedded Intercom, without a limit of requests.
func newWorld(ctx context.Context, bin string, span time.Duration) (*world, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	w := &world{bin: filepath.Join(dir, "bin"), span: span, dir: dir}
	// As they are installed: what the linker just wrote lies in the page cache in single pages, which a start pays for.
	err = os.CopyFS(w.bin, os.DirFS(bin))
	var address string
	if err == nil {
		address, err = freeAddress()
	}
	if err == nil {
		w.url = "http://" + address
		w.sandbox, err = w.start(ctx, "intercom-mcp", "sandbox", "--addr", address, "--rate-limit", "1000000000",
			"--log-level", "error")
	}
	if err == nil {
		err = await(ctx, address)
	}
	if err == nil {
		w.contact, err = w.firstContact(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// close stops what is left.
func (w *world) close() {
	err := w.stopServers()
	if w.sandbox != nil {
		err = errors.Join(err, w.sandbox.stop())
	}
	if err = errors.Join(err, os.RemoveAll(w.dir)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

// stopServers stops the servers of a row.
func (w *world) stopServers() error {
	var failures []error
	for _, p := range w.servers {
		failures = append(failures, p.stop())
	}
	w.servers = nil
	return errors.Join(failures...)
}

// firstContact asks for the id of a contact.
func (w *world) firstContact(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/contacts?per_page=1", nil)
	if err != nil {
		return "", err
	}
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json"}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var list struct{ Data []struct{ ID string } }
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		return "", err
	}
	if len(list.Data) == 0 {
		return "", errors.New("the embedded Intercom has no contacts")
	}
	return list.Data[0].ID, nil
}

// freeAddress is an address of this machine that nobody listens on.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// await waits until a server listens, for at most ten seconds.
func await(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(5 * time.Millisecond):
		}
	}
}
