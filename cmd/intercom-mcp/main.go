// Command intercom-mcp is an MCP server through which AI agents work in Intercom, with the tools around it: one call
// from the shell, scripted calls, an embedded Intercom to try everything on, and a narrated demo.
//
// What may live here: the subcommands, one file each, and what they share of the process: flags, logs, terminal, exit
// codes. What a tool does and how it is served is decided in the packages below.
package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	_ "time/tzdata" // the names of time zones, where the machine has none

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve"
)

func main() {
	// Before anything else: this waits for a thread to start, and would wait for what is begun below, too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal ends gracefully, a second one at once
	// The built-in policy and the tools' schemas are read once, on another core, while this one reads the command line.
	// Who needs them waits for that, and the exit does, which also ends the parsing that package builtin starts.
	var reading sync.WaitGroup
	reading.Go(serve.ReadSchemas)
	reading.Go(func() { policy.Default(policy.ModeRead) })
	stdout := os.Stdout
	os.Stdout = os.Stderr // answers go to stdout alone: a stray print must not get between them
	code := run(ctx, os.Args[1:], os.Stdin, stdout, os.Stderr, os.LookupEnv)
	reading.Wait()
	os.Exit(code)
}
