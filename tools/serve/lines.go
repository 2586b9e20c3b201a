package serve

import (
	"bufio"
	"errors"
	"io"
	"sync"
	"time"
)

// errTooLong is a line beyond maxMessage. All of it has been skipped.
var errTooLong = errors.New("the line is too long")

// lineReader reads messages that end with a line feed, however the bytes
// arrive, and holds no more of a line than maxMessage.
type lineReader struct{ buffered *bufio.Reader }

func newLineReader(in io.Reader) lineReader { return lineReader{bufio.NewReaderSize(in, 64<<10)} }

// next returns the next line without its end, or the reader's error. For a line
// that is too long it returns the id of its message, if there is one, and
// errTooLong. A last line without end counts. The line belongs to the caller.
func (r lineReader) next() ([]byte, error) {
	var line []byte
	var id idFinder
	skipping := false
	for {
		part, err := r.buffered.ReadSlice('\n')
		if !skipping && len(line)+len(part) > maxMessage+1 {
			id.feed(line)
			line, skipping = nil, true
		}
		switch {
		case !skipping:
			line = append(line, part...)
		case id.found() == nil: // else it came with what a message may have
			id.feed(part)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !skipping):
			return nil, err
		case skipping:
			return id.found(), errTooLong
		}
		return trimEnd(line), nil
	}
}

func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

// maxLeft is how many lines may be left for later.
const maxLeft = 256

// leaveWithin is how long a client that is owed all of them may read nothing.
const leaveWithin = 30 * time.Second

// lineWriter writes whole lines, one at a time, and remembers the first error:
// after it the client is gone. It is safe for concurrent use.
type lineWriter struct {
	out    io.Writer
	failed chan struct{} // closed once err is there
	room   chan struct{} // a place for each line that is left for later
	turn   chan struct{} // holds the turn to write

	mu   sync.Mutex
	left [][]byte // lines left for later
	err  error
}

func newLineWriter(out io.Writer) *lineWriter {
	return &lineWriter{out: out, failed: make(chan struct{}), room: make(chan struct{}, maxLeft), turn: make(chan struct{}, 1)}
}

// write writes one line, and before it those that are left.
func (w *lineWriter) write(line []byte) error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	w.putLeft()
	return w.put(line)
}

// flush writes the lines that are left.
func (w *lineWriter) flush() {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	w.putLeft()
}

// errUnread is why a client is given up that reads nothing.
var errUnread = errors.New("the client does not read")

// leave leaves a line to be written before what anybody writes from now on. It does
// not wait for the client to read, but for room: until over is closed, or the client
// is given up.
func (w *lineWriter) leave(line []byte, over <-chan struct{}) error {
	enough := time.NewTimer(leaveWithin)
	defer enough.Stop()
	select {
	case w.room <- struct{}{}:
	case <-enough.C:
		w.fail(errUnread)
		return errUnread
	case <-w.failed:
		return w.failure()
	case <-over:
		return io.EOF
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = append(w.left, line)
	return nil
}

// putLeft writes the lines that are left. The turn to write must be the caller's.
func (w *lineWriter) putLeft() {
	w.mu.Lock()
	left := w.left
	w.left = nil
	w.mu.Unlock()
	for _, line := range left {
		_ = w.put(line) // remembered
		<-w.room
	}
}

// put writes a line. The turn to write must be the caller's.
func (w *lineWriter) put(line []byte) error {
	if err := w.failure(); err != nil {
		return err
	}
	_, err := w.out.Write(append(line, '\n'))
	if err != nil {
		w.fail(err)
	}
	return err
}

// fail remembers the first error.
func (w *lineWriter) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		close(w.failed)
	}
}

// failure returns the error with which writing failed.
func (w *lineWriter) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
