package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the command line: one field per subcommand, which documents itself.
type cli struct {
	Init       initCmd       `cmd:"" group:"begin" help:"Connect the assistants of this machine to Intercom."`
	Doctor     doctorCmd     `cmd:"" group:"begin" help:"Check all that the server needs, and say what to do."`
	Demo       demoCmd       `cmd:"" group:"begin" help:"Watch an MCP client do a real job in the embedded Intercom."`
	Docs       docsCmd       `cmd:"" group:"begin" help:"Print a page of the documentation."`
	Tools      toolsCmd      `cmd:"" group:"work" help:"List the tools."`
	Call       callCmd       `cmd:"" group:"work" help:"Call one tool and print its answer."`
	Import     importCmd     `cmd:"" group:"work" help:"Write a table of contacts to Intercom, as one change."`
	Export     exportCmd     `cmd:"" group:"work" help:"Write contacts, companies, a change or the trail as a table."`
	Stdio      stdioCmd      `cmd:"" group:"serve" help:"Serve one MCP client on stdin and stdout."`
	HTTP       httpCmd       `cmd:"" group:"serve" name:"http" help:"Serve many MCP clients over Streamable HTTP."`
	Console    consoleCmd    `cmd:"" group:"serve" help:"Serve the web page for people, beside stdio servers."`
	Token      tokenCmd      `cmd:"" group:"serve" help:"Manage the bearer tokens of the http server."`
	Sessions   sessionsCmd   `cmd:"" group:"serve" help:"See who is signed in to the console, and sign people out."`
	Policy     policyCmd     `cmd:"" group:"rules" help:"Check a policy file, and explain its decisions."`
	Script     scriptCmd     `cmd:"" group:"rules" help:"Run scripts of tool calls with expectations."`
	Changes    changesCmd    `cmd:"" group:"after" help:"Look at, stop and undo what anyone wrote, as an operator."`
	Freeze     freezeCmd     `cmd:"" group:"after" help:"Refuse all writes of every server, and stop those that run."`
	Unfreeze   unfreezeCmd   `cmd:"" group:"after" help:"Allow writes again."`
	Audit      auditCmd      `cmd:"" group:"after" help:"Read and verify the trail of all changes."`
	State      stateCmd      `cmd:"" group:"after" help:"Look after the file of changes."`
	Sandbox    sandboxCmd    `cmd:"" group:"more" help:"Serve the embedded Intercom, for any Intercom client to talk to."`
	Version    versionCmd    `cmd:"" group:"more" help:"Print the version."`
	Completion completionCmd `cmd:"" group:"more" help:"Print what makes a shell complete commands, flags and tools."`
	Complete   completeCmd   `cmd:"" hidden:""`

	PrintVersion versionFlag `name:"version" help:"Print the version."`
}

// commandGroups are the headings under which help lists the commands.
var commandGroups = []kong.Group{
	{Key: "begin", Title: "Begin:"},
	{Key: "work", Title: "Work in Intercom:"},
	{Key: "serve", Title: "Serve assistants and people:"},
	{Key: "rules", Title: "Have rules of your own:"},
	{Key: "after", Title: "Look after what was written:"},
	{Key: "more", Title: "More:"},
}

// host is all that a command may touch of the process it runs in.
type host struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	serves         bool // the command is a server, which never waits for stderr
	// intercom is the transport to Intercom that a test puts in the place of connections; nil: there are connections.
	intercom http.RoundTripper
}

// run is the program: it parses args, runs one subcommand until it is done or ctx ends, and returns the exit code.
func run(
	ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) (string, bool),
) int {
	h := &host{stdin: stdin, stdout: stdout, stderr: stderr, env: env}
	if len(args) == 0 {
		h.stdout = stderr // help that was not asked for
		if code := h.execute(ctx, []string{"--help"}); code != exitOK {
			return code
		}
		return exitUsage
	}
	if args[0] == "help" { // as some expect it
		args = append(slices.Clone(args[1:]), "--help")
	}
	if tool, ok := asksForTool(args); ok {
		return h.report(h.helpTool(tool))
	}
	return h.execute(ctx, args)
}

// execute parses args, runs the chosen subcommand and reports its error.
func (h *host) execute(ctx context.Context, args []string) int {
	helped := false
	parser, err := h.parser(ctx, grammar(args), func(int) { helped = true })
	if err != nil {
		return h.report(fmt.Errorf("building the command line: %w", err))
	}
	command, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		return h.report(&usageError{problem: err.Error(), try: helpOn(err)})
	}
	return h.report(command.Run())
}

// helpOn is the command that shows the help of the command in which an error of parsing was made.
func helpOn(err error) string {
	command := "intercom-mcp"
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil {
		for _, step := range wrong.Context.Path {
			if step.Command != nil {
				command += " " + step.Command.Name
			}
		}
	}
	return command + " --help"
}

// parser returns a parser of a grammar, which calls helped once it has printed help.
func (h *host) parser(ctx context.Context, grammar any, helped func(int)) (*kong.Kong, error) {
	return kong.New(grammar,
		kong.Name("intercom-mcp"),
		kong.Description("Let AI agents work in Intercom without anyone having to fear it."),
		kong.Writers(h.stdout, h.stderr),
		kong.Exit(helped),
		kong.ExplicitGroups(commandGroups),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.ValueFormatter(describe),
		kong.NamedMapper("state", kong.MapperFunc(stateMapper)),
		kong.Resolvers(kong.ResolverFunc(h.fromEnvironment)),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(h),
	)
}

// grammar returns the command line that args are parsed by: all of it, or, where args begin with the name of a command,
// that command alone. To build the flags of all commands takes most of the time of parsing.
func grammar(args []string) any {
	if len(args) == 0 {
		return &cli{}
	}
	var part []reflect.StructField
	found := false
	for field := range reflect.TypeFor[cli]().Fields() {
		if _, command := field.Tag.Lookup("cmd"); !command {
			part = append(part, field)
		} else if commandName(field) == args[0] {
			part, found = append(part, field), true
		}
	}
	if !found {
		return &cli{}
	}
	return reflect.New(reflect.StructOf(part)).Interface()
}

// commandName is the name that a command's field has on the command line.
func commandName(field reflect.StructField) string {
	if name := field.Tag.Get("name"); name != "" {
		return name
	}
	return strings.ToLower(field.Name)
}

// variableTag is the struct tag that names a flag's environment variable. It
// is looked up in the host's environment, not in the process's.
const variableTag = "variable"

// fromEnvironment gives a flag that was not set the value of its variable, without the white space around it. An empty
// variable counts as not set. One of a few words counts whatever its case.
func (h *host) fromEnvironment(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name := flag.Tag.Get(variableTag)
	if name == "" {
		return nil, nil
	}
	value, _ := h.env(name)
	if value = strings.TrimSpace(value); value == "" {
		return nil, nil
	}
	if word := strings.ToLower(value); slices.Contains(strings.Split(flag.Enum, ","), word) {
		value = word
	}
	return value, nil
}

// entries returns the entries of a list as it was given, "a, b" say, without the blanks around them and without empty
// ones.
func entries(list []string) []string {
	var trimmed []string
	for _, entry := range list {
		if entry = strings.TrimSpace(entry); entry != "" {
			trimmed = append(trimmed, entry)
		}
	}
	return trimmed
}

// helpTexts are the help texts of flags whose tag has no room for them: help:"@addr" stands for that of addr.
type helpTexts map[string]string

// describe is the help of a flag, with its environment variable. kong could put the texts in by itself, and does it for
// each flag with all texts there are at every start.
func describe(value *kong.Value) string {
	help := value.Help
	if name, named := strings.CutPrefix(help, "@"); named {
		for _, texts := range []helpTexts{
			askHelp, auditHelp, callHelp, consoleHelp, explainHelp, exportHelp, httpHelp, importHelp, initHelp, issuerHelp,
			listenHelp, logHelp, notifyHelp, policyHelp, sandboxHelp, scriptHelp, stateHelp, tokenHelp, whoHelp, workspaceHelp,
		} {
			if text, ok := texts[name]; ok {
				help = text
			}
		}
	}
	if name := value.Tag.Get(variableTag); name != "" {
		return help + " ($" + name + ")"
	}
	return help
}
