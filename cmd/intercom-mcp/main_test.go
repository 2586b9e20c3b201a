package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestMain makes the program itself a command of the test scripts, and holds
// the tests to leave no goroutine behind.
func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"intercom-mcp": main})
}

// leakless runs tests and fails where one left a goroutine behind.
type leakless struct{ m *testing.M }

// Run implements [testscript.TestingM].
func (l leakless) Run() int {
	code := postgrestest.Main(l.m)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestProgram runs the program as a shell would.
func TestProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			scripts, err := filepath.Abs("../../testdata/scripts")
			env.Setenv("SCRIPTS", scripts)
			return err
		},
		UpdateScripts: os.Getenv("UPDATE") != "",
	})
}

// exits runs a command and demands its exit code: exits 2 intercom-mcp call.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
