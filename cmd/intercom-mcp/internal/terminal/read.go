package terminal

import (
	"bufio"
	"context"
	"errors"
	"os"

	"golang.org/x/term"
)

// read is what a read of a terminal came to.
type read struct {
	text string
	err  error
}

// await reads in a goroutine, since a terminal cannot be read with a context. Where ctx ends first, the goroutine is
// left to end with the process, which is about to.
func await(ctx context.Context, get func() (string, error)) (string, error) {
	done := make(chan read, 1)
	go func() {
		text, err := get()
		done <- read{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-done:
		return got.text, got.err
	}
}

// ReadLine reads a line that a person types, up to its end; what there is where the terminal is gone. The error is that
// of ctx, after which in must not be used.
func ReadLine(ctx context.Context, in *bufio.Reader) (string, error) {
	return await(ctx, func() (string, error) {
		line, _ := in.ReadString('\n')
		return line, nil
	})
}

// ReadSecret reads a line that a person types or pastes at a terminal, which does not show it. Where ctx ends before,
// the terminal shows again what is typed.
func ReadSecret(ctx context.Context, stream *os.File) (string, error) {
	fd := int(stream.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	line, err := await(ctx, func() (string, error) {
		line, err := term.ReadPassword(fd)
		return string(line), err
	})
	if ctx.Err() != nil {
		err = errors.Join(err, term.Restore(fd, before))
	}
	return line, err
}
