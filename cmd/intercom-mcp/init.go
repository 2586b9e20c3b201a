package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"intercom-mcp/cmd/intercom-mcp/internal/clients"
	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
)

// initHelp are the help texts of initCmd.
var initHelp = helpTexts{
	"init_client": "claude-desktop, claude-code, cursor or vscode; when absent, all that seem to be installed.",
}

// initCmd adds the server to the files in which MCP clients list their servers.
type initCmd struct {
	Client []string `placeholder:"CLIENT" help:"@init_client"`
	Name   string   `default:"intercom" help:"What the clients call the server."`
	Yes    bool     `help:"Write without asking."`
	State  string   `variable:"INTERCOM_STATE" type:"state" placeholder:"FILE" help:"@state"`
	offerFlags
	workspaceFlags
}

// Run implements the command.
func (c *initCmd) Run(ctx context.Context, h *host) error {
	chosen, err := c.chosen(h)
	if err != nil {
		return err
	}
	if !c.Yes && !h.canAsk() {
		return &usageError{problem: "nobody can be asked here before the files are changed",
			try: "intercom-mcp init --yes, or in a terminal"}
	}
	if err := c.askToken(ctx, h); err != nil {
		return err
	}
	server, err := c.server()
	if err != nil {
		return err
	}
	in := bufio.NewReader(h.stdin)
	connected, broken, lacking := false, false, false
	for _, client := range chosen {
		before, err := client.Has(c.Name)
		if err != nil {
			fmt.Fprintf(h.stderr, "%s is left alone: %v\nFix that file and repeat the command, or add the lines by hand.\n",
				client.Name, err)
			broken = true
			continue
		}
		server := keepToken(server, before)
		added, err := c.connect(ctx, h, in, client, before, server)
		if err != nil {
			return err
		}
		connected = connected || added
		lacking = lacking || added && server.Env[tokenVariable] == noToken
	}
	if !connected {
		return errors.New("no client was changed")
	}
	if lacking {
		fmt.Fprintln(h.stdout, "There is no access token yet: put yours in the place of \"your token\" in the files above.")
	}
	fmt.Fprintln(h.stdout, "'intercom-mcp doctor' checks that all works.")
	if broken {
		return errFailed
	}
	return nil
}

const (
	tokenVariable = "INTERCOM_ACCESS_TOKEN"
	fileVariable  = "INTERCOM_TOKEN_FILE"
	noToken       = "your token" // stands where the token is not known
)

// keepToken is server with the token of before, where it has none of its own.
func keepToken(server clients.Server, before *clients.Server) clients.Server {
	if before == nil || server.Env[tokenVariable] != noToken {
		return server
	}
	token, file := before.Env[tokenVariable], before.Env[fileVariable]
	if token == "" && file == "" {
		return server
	}
	server.Env = maps.Clone(server.Env)
	delete(server.Env, tokenVariable)
	for variable, value := range map[string]string{tokenVariable: token, fileVariable: file} {
		if value != "" {
			server.Env[variable] = value
		}
	}
	return server
}

// connect adds the server to a client's file, which lists before under its name, and asks first. It reports whether the
// client starts the server then.
func (c *initCmd) connect(ctx context.Context, h *host, in *bufio.Reader, client clients.Client,
	before *clients.Server, server clients.Server) (bool, error) {
	if client.Starts(before, server) {
		fmt.Fprintf(h.stdout, "%s: connected already. %s\n", client.Name, client.File)
		return true, nil
	}
	question := fmt.Sprintf("Add %q to %s (%s)?", c.Name, client.Name, client.File)
	if before != nil {
		is := "starts " + before.Command
		if before.Command == "" {
			is = "is " + before.URL
		}
		question = fmt.Sprintf("Replace %q, which %s, in %s (%s)?", c.Name, is, client.Name, client.File)
	}
	if !c.Yes {
		if agreed, err := h.agrees(ctx, in, question); err != nil || !agreed {
			return false, err
		}
	}
	if err := client.Add(c.Name, server); err != nil {
		return false, err
	}
	fmt.Fprintf(h.stdout, "%s: start it again to see the tools. Changed: %s\n", client.Name, client.File)
	return true, nil
}

// askToken has the person at the terminal paste the access token, where no flag says which. Without one, the files get
// a placeholder.
func (c *initCmd) askToken(ctx context.Context, h *host) error {
	stdin, ok := h.stdin.(*os.File)
	if c.Yes || c.Token != "" || c.TokenFile != "" || c.Sandbox || !ok {
		return nil
	}
	fmt.Fprint(h.stderr, "Paste the access token and press Enter (it is not shown; Enter alone skips this): ")
	text, err := terminal.ReadSecret(ctx, stdin)
	fmt.Fprintln(h.stderr)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the access token: %w", err)
	}
	c.Token, err = cleanToken("the access token", text)
	return err
}

// chosen are the clients that are named, or those that seem to be installed.
func (c *initCmd) chosen(h *host) ([]clients.Client, error) {
	all := clients.All(h.env)
	if len(all) == 0 {
		return nil, &usageError{problem: "there is no home directory, where clients keep their files", try: "set HOME"}
	}
	ids := make([]string, len(all))
	for i, client := range all {
		ids[i] = client.ID
	}
	for _, name := range entries(c.Client) {
		if !slices.Contains(ids, name) {
			return nil, &usageError{problem: fmt.Sprintf("there is no client %q", name), try: strings.Join(ids, ", ")}
		}
	}
	chosen := slices.DeleteFunc(all, func(client clients.Client) bool {
		if c.Client == nil {
			return !client.Installed()
		}
		return !slices.Contains(entries(c.Client), client.ID)
	})
	if len(chosen) == 0 {
		return nil, &usageError{problem: "found no assistant that can be connected on this machine",
			try: "intercom-mcp init --client NAME, where NAME is one of " + strings.Join(ids, ", ")}
	}
	return chosen, nil
}

// server is what the clients are to start. What every call has in common goes into its variables.
func (c *initCmd) server() (clients.Server, error) {
	program, err := os.Executable()
	if err != nil {
		return clients.Server{}, err
	}
	if _, err := c.accessToken(); err != nil {
		return clients.Server{}, err
	}
	if _, err := c.load(); err != nil {
		return clients.Server{}, err
	}
	server := clients.Server{Command: program, Args: []string{"stdio"}, Env: map[string]string{}}
	for variable, value := range map[string]string{
		fileVariable: c.TokenFile, "INTERCOM_REGION": c.Region, "INTERCOM_BASE_URL": c.BaseURL,
		"INTERCOM_API_VERSION": c.APIVersion, "INTERCOM_MODE": c.Mode, "INTERCOM_POLICY": c.Policy, "INTERCOM_STATE": c.State,
		"INTERCOM_TIME_ZONE": c.TimeZone,
		"INTERCOM_TOOLSETS":  strings.Join(entries(c.Toolsets), ","), tokenVariable: strings.TrimSpace(c.Token),
	} {
		if value != "" {
			server.Env[variable] = value
		}
	}
	switch {
	case c.Sandbox:
		server.Args = append(server.Args, "--sandbox")
		delete(server.Env, "INTERCOM_REGION")
	case c.Token == "" && c.TokenFile == "":
		server.Env[tokenVariable] = noToken
	}
	return server, nil
}

// agrees asks the person at the terminal. Only a clear yes is one. The error is that of ctx.
func (h *host) agrees(ctx context.Context, in *bufio.Reader, question string) (bool, error) {
	fmt.Fprintf(h.stderr, "%s %s ", question, h.style(h.stderr).Bold("[y/N]"))
	line, err := terminal.ReadLine(ctx, in)
	return err == nil && isYes(line), err
}
