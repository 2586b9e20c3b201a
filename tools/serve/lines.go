package serve

import (
	"bufio"
	"errors"
	"io"
	"sync"
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

// lineWriter writes whole lines, one at a time, and remembers the first error:
// after it the client is gone.
type lineWriter struct {
	out    io.Writer
	failed chan struct{} // closed once err is there

	mu  sync.Mutex
	err error
}

func newLineWriter(out io.Writer) *lineWriter {
	return &lineWriter{out: out, failed: make(chan struct{})}
}

// write writes one line. It is safe for concurrent use.
func (w *lineWriter) write(line []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	if _, w.err = w.out.Write(append(line, '\n')); w.err != nil {
		close(w.failed)
	}
	return w.err
}

// failure returns the error with which writing failed.
func (w *lineWriter) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
