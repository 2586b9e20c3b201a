//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// lonely is the stdio server as a process of which a test holds both pipes, to read its output, or not, or to close it.
type lonely struct {
	cmd     *exec.Cmd
	in, out *os.File
	ended   chan error
}

func newLonely(t *testing.T, stderr io.Writer) *lonely {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Args = []string{"intercom-mcp", "stdio", "--sandbox"} // by this name the test binary is the program
	cmd.Stdin, cmd.Stdout, cmd.Stderr = inR, outW, stderr
	err = cmd.Start()
	inR.Close()
	outW.Close()
	if err != nil {
		t.Fatal(err)
	}
	l := &lonely{cmd, inW, outR, make(chan error, 1)}
	go func() { l.ended <- cmd.Wait() }()
	t.Cleanup(func() { inW.Close(); outR.Close() })
	return l
}

// ping waits until the server answers.
func (l *lonely) ping(t *testing.T) {
	t.Helper()
	if _, err := fmt.Fprintf(l.in, pingLine, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := l.out.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
}

// end waits for the process, and demands exit code 0.
func (l *lonely) end(t *testing.T) {
	t.Helper()
	select {
	case err := <-l.ended:
		if err != nil {
			t.Errorf("the server ended with %v: %s", err, l.cmd.Stderr)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("the server has not ended: %s", l.cmd.Stderr)
	}
}

const (
	pingLine = `{"jsonrpc":"2.0","id":%d,"method":"ping"}` + "\n"
	badLine  = `{"jsonrpc":"1.0","id":1,"method":"ping"}` + "\n"
)

// TestDeadClient closes the server's stdout but not its stdin: the server ends as at the end of its input, not by a
// signal.
func TestDeadClient(t *testing.T) {
	l := newLonely(t, newTape())
	l.ping(t)
	l.out.Close()
	if _, err := fmt.Fprintf(l.in, pingLine, 2); err != nil {
		t.Fatal(err)
	}
	l.end(t)
}

// TestTerminateWhileNobodyReads ends, by SIGTERM, a server whose output is not read, whether answers of calls wait or a
// refusal that is written before the next line is read.
func TestTerminateWhileNobodyReads(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"refusals":  badLine,
		"responses": `{"jsonrpc":"2.0","id":1,"method":"tools/list"}` + "\n" + badLine,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLonely(t, newTape())
			l.ping(t) // a process that has not begun takes no lines either, and dies of the signal
			l.fill(t, line)
			if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			l.end(t)
		})
	}
}

// TestCallsWhileNobodyReadsTheLog makes more calls than the log of fits into a pipe that nobody reads.
func TestCallsWhileNobodyReadsTheLog(t *testing.T) {
	const calls = 2000
	unread, stderr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer unread.Close()
	defer stderr.Close()
	l := newLonely(t, stderr)
	go func() {
		for id := range calls {
			line := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`+"\n", id)
			if _, err := io.WriteString(l.in, line); err != nil {
				return
			}
		}
	}()
	if err := l.out.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(l.out)
	answers.Buffer(nil, 1<<20)
	for n := range calls {
		if !answers.Scan() {
			t.Fatalf("%d of %d calls were answered: %v", n, calls, answers.Err())
		}
	}
	l.in.Close()
	l.end(t)
}

// fill sends a line over and over until the server takes no more.
func (l *lonely) fill(t *testing.T, line string) {
	t.Helper()
	lines := []byte(strings.Repeat(line, 100))
	for sent := 0; sent < 64<<20; sent += len(lines) {
		if err := l.in.SetWriteDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		switch _, err := l.in.Write(lines); {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return
		case err != nil:
			t.Fatal(err)
		}
	}
	t.Fatal("the server takes lines without end, though it cannot answer")
}
