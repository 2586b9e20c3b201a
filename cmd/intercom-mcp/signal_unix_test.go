//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// child starts the program as a process of its own.
func child(t *testing.T, args ...string) (cmd *exec.Cmd, stdin io.WriteCloser, stdout *bufio.Reader) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), program)
	cmd.Args = append([]string{"intercom-mcp"}, args...) // by this name the test binary is the program
	cmd.Stderr = newTape()
	if stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdin, bufio.NewReader(out)
}

// terminate sends SIGTERM and demands exit code 0.
func terminate(t *testing.T, cmd *exec.Cmd, stdout io.Reader) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, cmd.Stderr)
	}
}

// TestTerminateStdio ends the stdio server by SIGTERM, though its stdin stays open.
func TestTerminateStdio(t *testing.T) {
	cmd, stdin, stdout := child(t, "stdio", "--sandbox")
	defer stdin.Close()
	const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"
	if _, err := io.WriteString(stdin, ping); err != nil {
		t.Fatal(err)
	}
	if line, err := stdout.ReadString('\n'); err != nil || !strings.Contains(line, `"id":1`) {
		t.Errorf("answer %q (%v)", line, err)
	}
	terminate(t, cmd, stdout)
}

// TestTerminateSandbox ends the sandbox server by SIGTERM.
func TestTerminateSandbox(t *testing.T) {
	cmd, stdin, stdout := child(t, "sandbox", "--addr", "127.0.0.1:0")
	defer stdin.Close()
	if line, err := stdout.ReadString('\n'); err != nil || !strings.Contains(line, "listens on") {
		t.Errorf("greeting %q (%v)", line, err)
	}
	terminate(t, cmd, stdout)
}
