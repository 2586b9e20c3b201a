package jsonrpc

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// MaxQueued is how many lines may wait to be written, and QueueTimeout how long a client that is owed all of them may
// read nothing.
const (
	MaxQueued    = 256
	QueueTimeout = 30 * time.Second
)

// ErrUnread is why a client is given up that reads nothing.
var ErrUnread = errors.New("the client does not read")

// LineWriter writes whole lines, one at a time, and remembers the first error: after it the client is gone. It is safe
// for concurrent use.
type LineWriter struct {
	out     io.Writer
	failed  chan struct{}       // closed once err is there
	room    chan struct{}       // a place for each line that is queued
	writing *semaphore.Weighted // held by whoever writes

	mu     sync.Mutex
	queued [][]byte
	err    error
}

// NewLineWriter returns a writer of lines to out.
func NewLineWriter(out io.Writer) *LineWriter {
	return &LineWriter{out: out, failed: make(chan struct{}), room: make(chan struct{}, MaxQueued),
		writing: semaphore.NewWeighted(1)}
}

// Write writes one line, and before it those that are queued. It returns the first error of the writer.
func (w *LineWriter) Write(line []byte) error {
	w.acquire()
	defer w.writing.Release(1)
	w.writeQueued()
	return w.write(line)
}

// Flush writes the lines that are queued.
func (w *LineWriter) Flush() {
	w.acquire()
	defer w.writing.Release(1)
	w.writeQueued()
}

func (w *LineWriter) acquire() {
	_ = w.writing.Acquire(context.Background(), 1) // fails only for a context that ends
}

// Enqueue has a line written before what anybody writes from now on. It does not wait for the client to read, but for
// room in the queue: until over is closed (then it returns [io.EOF]), or [QueueTimeout] has passed and the client is
// given up ([ErrUnread]).
func (w *LineWriter) Enqueue(line []byte, over <-chan struct{}) error {
	timeout := time.NewTimer(QueueTimeout)
	defer timeout.Stop()
	select {
	case w.room <- struct{}{}:
	case <-timeout.C:
		w.fail(ErrUnread)
		return ErrUnread
	case <-w.failed:
		return w.Err()
	case <-over:
		return io.EOF
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queued = append(w.queued, line)
	return nil
}

// Failed is closed once writing has failed.
func (w *LineWriter) Failed() <-chan struct{} { return w.failed }

// Err returns the error with which writing failed.
func (w *LineWriter) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// writeQueued writes the lines that are queued. The caller holds writing.
func (w *LineWriter) writeQueued() {
	w.mu.Lock()
	queued := w.queued
	w.queued = nil
	w.mu.Unlock()
	for _, line := range queued {
		_ = w.write(line) // remembered
		<-w.room
	}
}

// write writes a line. The caller holds writing.
func (w *LineWriter) write(line []byte) error {
	if err := w.Err(); err != nil {
		return err
	}
	_, err := w.out.Write(append(line, '\n'))
	if err != nil {
		w.fail(err)
	}
	return err
}

// fail remembers the first error.
func (w *LineWriter) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		close(w.failed)
	}
}
