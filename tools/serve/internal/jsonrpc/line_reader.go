package jsonrpc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Why a line is refused; all of it has been skipped, or will be.
var (
	ErrTooLong    = errors.New("the line is too long")          // beyond [MaxMessage]
	ErrBareReturn = errors.New("a carriage return in the line") // without a line feed after it
)

// byteOrderMark is what some programs begin a text with, PowerShell among them. It is no part of the first message.
var byteOrderMark = []byte("\ufeff")

// LineReader reads messages that end with a line feed, however the bytes arrive, and holds no more of a line than
// [MaxMessage]. It is for one goroutine.
type LineReader struct {
	buffered *bufio.Reader
	begun    bool // the first line is read
	skipping bool // up to the next line feed
	returned bool // a message ended with a carriage return, whose line feed may be on its way
}

// NewLineReader returns a reader of the lines of in.
func NewLineReader(in io.Reader) *LineReader {
	return &LineReader{buffered: bufio.NewReaderSize(in, 64<<10)}
}

// Next returns the next line without the white space around it, or the reader's error. For a line that is refused it
// returns the id of its message, if there is one, and [ErrTooLong] or [ErrBareReturn]: the latter as soon as it is
// seen, since who writes no line feeds would wait for ever. A last line without end counts. The line belongs to the
// caller.
func (r *LineReader) Next() ([]byte, error) {
	var line []byte
	var id idFinder
	tooLong := false
	for {
		part, ended, err := r.part()
		if r.returned && len(part) > 0 {
			r.returned = false
			if part[0] != '\n' {
				r.skipping = !ended
				return firstID(part), ErrBareReturn
			}
			continue
		}
		if r.skipping { // the rest of a line that was refused
			r.skipping = !ended
			if err != nil {
				return nil, err
			}
			continue
		}
		if !tooLong && len(line)+len(part) > MaxMessage+1 {
			id.feed(line)
			line, tooLong = nil, true
		}
		bare := -1
		switch {
		case !tooLong:
			seen := max(0, len(line)-1)
			line = append(line, part...)
			bare = bareReturn(line, seen)
		case id.found() == nil: // else it came with what a message may have
			id.feed(part)
		}
		switch {
		case bare >= 0:
			r.skipping = !ended
			return firstID(line[:bare]), ErrBareReturn
		case err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !tooLong):
			return nil, err
		case !ended && err == nil && !r.mayEnd(line):
			continue
		case tooLong:
			return id.found(), ErrTooLong
		}
		if !r.begun {
			r.begun = true
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		return bytes.TrimSpace(line), nil
	}
}

// mayEnd reports whether a whole message has arrived with a carriage return after it, and nothing more.
func (r *LineReader) mayEnd(line []byte) bool {
	r.returned = bytes.HasSuffix(line, []byte("\r")) &&
		json.Valid(bytes.TrimPrefix(bytes.TrimSpace(line), byteOrderMark))
	return r.returned
}

// part reads what has arrived of a line, at least one byte, and reports whether the line has ended.
func (r *LineReader) part() (part []byte, ended bool, err error) {
	if _, err := r.buffered.Peek(1); err != nil {
		return nil, false, err
	}
	part, err = r.buffered.Peek(r.buffered.Buffered())
	if end := bytes.IndexByte(part, '\n'); end >= 0 {
		part, ended = part[:end+1], true
	}
	_, _ = r.buffered.Discard(len(part)) // it is buffered; part stays as it is until the next read
	return part, ended, err
}

// bareReturn returns where, from an index on, a carriage return is that something else than a line end follows, or -1.
func bareReturn(line []byte, from int) int {
	for at := from; at < len(line)-1; at++ {
		skip := bytes.IndexByte(line[at:len(line)-1], '\r')
		if skip < 0 {
			return -1
		}
		at += skip
		if next := line[at+1]; next != '\n' && next != '\r' {
			return at
		}
	}
	return -1
}
