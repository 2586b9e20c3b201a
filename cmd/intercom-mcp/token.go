package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve"
)

// tokenCmd manages the file of bearer tokens that http lets in.
type tokenCmd struct {
	New    tokenNewCmd    `cmd:"" help:"Add a bearer token for NAME and print it, this once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens: whose they are, and what they may do."`
	Rotate tokenRotateCmd `cmd:"" help:"Add a token like the one of NAME and print it; the old one goes on for a while."`
	Revoke tokenRevokeCmd `cmd:"" help:"Remove the tokens of NAME."`
}

// tokenHelp are the help texts of the flags of tokenCmd.
var tokenHelp = helpTexts{
	"token_file":    "File of the bearer tokens; only their digests are kept in it.",
	"token_mode":    "Widest effect offered to the bearer: read, write or full.",
	"token_expires": "When it ends: 90d, 12h, 2027-01-31 or 2027-01-31T09:00:00Z; never when absent.",
}

// tokenFlags name the file.
type tokenFlags struct {
	Tokens string `required:"" variable:"INTERCOM_HTTP_TOKENS" type:"path" placeholder:"FILE" help:"@token_file"`
}

// explain is the error of a command about tokens that has to be there, with a way on.
func (f tokenFlags) explain(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &usageError{problem: err.Error(), try: "intercom-mcp token new NAME --tokens " + f.Tokens, cause: err}
	}
	return fmt.Errorf("%w ('intercom-mcp token list --tokens %s' shows those there are)", err, f.Tokens)
}

// tokenNewCmd adds one bearer token.
type tokenNewCmd struct {
	Name string `arg:"" help:"Whom the token is for; it appears in records as the principal."`
	tokenFlags
	Mode    string   `enum:"read,write,full" default:"write" help:"@token_mode"`
	Roles   []string `placeholder:"ROLE" help:"Roles of the bearer, as the policy knows them."`
	Person  string   `placeholder:"EMAIL" help:"E-mail of the person that the token is for."`
	Expires string   `placeholder:"WHEN" help:"@token_expires"`
}

// Run implements the command.
func (c *tokenNewCmd) Run(_ context.Context, h *host) error {
	mode, err := policy.ParseMode(c.Mode)
	if err != nil {
		return &usageError{problem: err.Error()}
	}
	expires, err := parseUntil("--expires", c.Expires, time.Now())
	if err != nil {
		return err
	}
	token, err := serve.TokenFile(c.Tokens).New(serve.TokenLine{
		Name: c.Name, Mode: mode, Roles: entries(c.Roles), Person: c.Person, Expires: expires,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(h.stdout, token)
	return err
}

// tokenListCmd lists the tokens.
type tokenListCmd struct{ tokenFlags }

// Run implements the command.
func (c *tokenListCmd) Run(_ context.Context, h *host) error {
	lines, err := serve.TokenFile(c.Tokens).List()
	if err != nil {
		return c.explain(err)
	}
	table := tabwriter.NewWriter(h.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "NAME\tMODE\tROLES\tPERSON\tEXPIRES\tDIGEST\n")
	for _, line := range lines {
		expires := "never"
		if !line.Expires.IsZero() {
			expires = line.Expires.Local().Format(time.DateTime)
			if time.Now().After(line.Expires) {
				expires += " (over)"
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%x\n", line.Name, line.Mode,
			cmp.Or(strings.Join(line.Roles, ", "), "none"), cmp.Or(line.Person, "none"), expires, line.Digest[:4])
	}
	return table.Flush()
}

// tokenRotateCmd replaces a token.
type tokenRotateCmd struct {
	Name string `arg:"" help:"Whose token is to be replaced."`
	tokenFlags
	Overlap time.Duration `default:"24h" help:"How long the old token goes on."`
}

// Run implements the command.
func (c *tokenRotateCmd) Run(_ context.Context, h *host) error {
	if c.Overlap < 0 {
		return &usageError{problem: "--overlap is less than nothing"}
	}
	token, err := serve.TokenFile(c.Tokens).Rotate(c.Name, time.Now().Add(c.Overlap))
	if err != nil {
		return c.explain(err)
	}
	fmt.Fprintf(h.stderr, "The old token goes on for %v. Servers take the new one when they get SIGHUP.\n", c.Overlap)
	_, err = fmt.Fprintln(h.stdout, token)
	return err
}

// tokenRevokeCmd removes tokens.
type tokenRevokeCmd struct {
	Name string `arg:"" help:"Whose tokens are to be removed."`
	tokenFlags
	Digest string `placeholder:"HEX" help:"Of them only the one whose digest begins so; 'token list' shows it."`
}

// Run implements the command.
func (c *tokenRevokeCmd) Run(_ context.Context, h *host) error {
	removed, err := serve.TokenFile(c.Tokens).Revoke(c.Name, c.Digest)
	if err != nil {
		return c.explain(err)
	}
	_, err = fmt.Fprintf(h.stdout, "%d removed. Servers let the bearer in until they get SIGHUP.\n", removed)
	return err
}
