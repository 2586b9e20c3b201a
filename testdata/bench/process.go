package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// token is the access token of the embedded Intercom, which takes any.
const token = "bench"

// process is a program that was started.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
}

// start starts a program of the directory, with the token in its environment and its state in the world's directory.
// What it writes to stderr goes nowhere, as with a client that drops logs.
func (w *world) start(ctx context.Context, program string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(w.bin, program), args...)
	cmd.Env = []string{"HOME=" + w.dir, "INTERCOM_ACCESS_TOKEN=" + token, "INTERCOM_BASE_URL=" + w.url}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	p := &process{cmd: cmd}
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return p, nil
}

// serve starts a server of a row, which is stopped with the row.
func (w *world) serve(ctx context.Context, program string, args ...string) (*process, error) {
	p, err := w.start(ctx, program, args...)
	if err == nil {
		w.servers = append(w.servers, p)
	}
	return p, err
}

// stop ends a process, by the end of its input and a signal.
func (p *process) stop() error {
	_ = p.stdin.Close() // it may be gone
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

// cpu is the CPU time that the process has used.
//
// https://man7.org/linux/man-pages/man3/clock_getcpuclockid.3.html
func (p *process) cpu() (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED: to the nanosecond
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|scheduled), &t); err != nil {
		return 0, fmt.Errorf("reading the CPU clock: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// resident is a line of /proc/PID/status, in MB: VmRSS is what is resident now, VmHWM the most there was.
func (p *process) resident(line string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for field := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(field, line+":"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("no %s", line)
}
