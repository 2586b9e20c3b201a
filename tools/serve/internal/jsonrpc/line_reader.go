package jsonrpc

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// ErrTooLong is a line beyond [MaxMessage]. All of it has been skipped.
var ErrTooLong = errors.New("the line is too long")

// LineReader reads messages that end with a line feed, however the bytes arrive, and holds no more of a line than
// [MaxMessage].
type LineReader struct{ buffered *bufio.Reader }

// NewLineReader returns a reader of the lines of in.
func NewLineReader(in io.Reader) LineReader { return LineReader{bufio.NewReaderSize(in, 64<<10)} }

// Next returns the next line without its end, or the reader's error. For a line that is too long it returns the id of
// its message, if there is one, and [ErrTooLong]. A last line without end counts. The line belongs to the caller.
func (r LineReader) Next() ([]byte, error) {
	var line []byte
	var id idFinder
	skipping := false
	for {
		part, err := r.buffered.ReadSlice('\n')
		if !skipping && len(line)+len(part) > MaxMessage+1 {
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
			return id.found(), ErrTooLong
		}
		return bytes.TrimRight(line, "\r\n"), nil
	}
}
