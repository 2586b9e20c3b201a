package main

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	maxLogLines = 1024                   // that wait to be written, beyond which more are dropped
	logPause    = 10 * time.Millisecond  // from a line to its writing, for others to be written with it
	logPatience = 500 * time.Millisecond // for what is left to write when the command ends
)

// logWriter writes the lines of a log on a goroutine of its own, after what logs them has gone on: a stderr that nobody
// reads must hold nothing. It drops lines beyond [maxLogLines], and writes how many as soon as there is room. It is
// safe for concurrent use.
type logWriter struct {
	out     io.Writer
	notice  func(dropped int) []byte // the line that tells of lines dropped
	lines   chan []byte
	closing chan struct{} // closed with lines
	written chan struct{} // closed when nothing more is written

	mu      sync.Mutex
	dropped int // since the last notice
	closed  bool
}

func newLogWriter(out io.Writer, notice func(dropped int) []byte) *logWriter {
	w := &logWriter{out: out, notice: notice, lines: make(chan []byte, maxLogLines), closing: make(chan struct{}),
		written: make(chan struct{})}
	go func() {
		defer close(w.written)
		for line := range w.lines {
			_, _ = w.out.Write(w.gather(line)) // there is nowhere to say that it fails
		}
	}()
	return w
}

// gather adds to a line those of the next [logPause]: to write each for itself takes longer than to make it.
func (w *logWriter) gather(lines []byte) []byte {
	select {
	case <-time.After(logPause):
	case <-w.closing:
	}
	for {
		select {
		case line, ok := <-w.lines:
			if !ok {
				return lines
			}
			lines = append(lines, line...)
		default:
			return lines
		}
	}
}

// Write implements [io.Writer] for one line. It never waits, and never fails.
func (w *logWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return len(line), nil
	}
	if w.dropped > 0 && w.room() {
		w.lines <- w.notice(w.dropped)
		w.dropped = 0
	}
	if w.room() {
		w.lines <- bytes.Clone(line)
	} else {
		w.dropped++
	}
	return len(line), nil
}

// room reports whether a line can be queued so that one place is left, which is for the notice at the end. The caller
// holds mu: nobody else sends.
func (w *logWriter) room() bool { return len(w.lines) < maxLogLines-1 }

// close writes what is left, and gives up on it after [logPatience]; a Write of out that is blocked then stays behind.
func (w *logWriter) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		if w.dropped > 0 {
			w.lines <- w.notice(w.dropped) // the place that is kept for it
		}
		close(w.lines)
		close(w.closing)
	}
	w.mu.Unlock()
	select {
	case <-w.written:
	case <-time.After(logPatience):
	}
}
