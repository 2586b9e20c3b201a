package changetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// childVariable tells the test program that it is a child process, and which.
const childVariable = "CHANGE_TEST_CHILD"

// Children are what child processes of a package's tests do, by name, with the arguments that they are given.
type Children map[string]func(ctx context.Context, args []string) error

// Run does what a child process is to do, and ends it. It returns where the process is none, for a TestMain.
func (c Children) Run() {
	name := os.Getenv(childVariable)
	if name == "" {
		return
	}
	if err := c[name](context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// CrashSeed decides what processes do, and when they die: CRASH_SEED in the environment, or 1.
func CrashSeed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(1)
	if text := os.Getenv("CRASH_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CRASH_SEED=%d", seed)
	return seed
}

// Child prepares a child process of the package under test, which ends with the test at the latest.
func Child(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = append(os.Environ(), childVariable+"="+name)
	command.Stderr = t.Output()
	return command
}
