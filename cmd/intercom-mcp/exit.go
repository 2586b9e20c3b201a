package main

import (
	"errors"
	"fmt"
	"strings"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the tool answered an error, an expectation failed, the server broke
	exitUsage  = 2 // the command line or the configuration is wrong
)

// errFailed ends a command with exitFailed when all has been said already.
var errFailed = errors.New("failed")

// usageError is a command line or configuration that cannot work, with a way on.
type usageError struct {
	problem string
	try     string // a command, or lines of text
	cause   error  // nil: there is none
}

// Unwrap returns the cause.
func (e *usageError) Unwrap() error { return e.cause }

// Error implements error.
func (e *usageError) Error() string { return e.problem }

// report prints what err has to say on stderr and returns the exit code. A server ends though nobody reads its stderr.
func (h *host) report(err error) int {
	out := h.stderr
	if h.serves && err != nil {
		w := newLogWriter(h.stderr, func(int) []byte { return nil })
		defer w.close()
		out = w
	}
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintf(out, "intercom-mcp: %s\n", withoutPackage(usage.problem))
		if usage.try != "" {
			fmt.Fprintf(out, "Try: %s\n", usage.try)
		}
		return exitUsage
	}
	fmt.Fprintf(out, "intercom-mcp: %s\n", withoutPackage(err.Error()))
	return exitFailed
}

// withoutPackage is the text of an error without the name of the package that it comes from, which is for programmers.
func withoutPackage(text string) string {
	for _, name := range []string{"serve: ", "notify: ", "intercom: ", "sandbox: "} {
		text = strings.TrimPrefix(text, name)
	}
	return text
}
