package main

import (
	"context"
	"fmt"

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve"
)

// tokenCmd manages the file of bearer tokens that http lets in.
type tokenCmd struct {
	New tokenNewCmd `cmd:"" help:"Add a bearer token for NAME and print it, this once."`
}

// tokenHelp are the help texts of tokenNewCmd's flags.
var tokenHelp = helpTexts{"token_file": "File of the bearer tokens; only their digests are kept in it."}

// tokenNewCmd adds one bearer token.
type tokenNewCmd struct {
	Name   string `arg:"" help:"Whom the token is for; it appears in records as the principal."`
	Tokens string `required:"" variable:"INTERCOM_HTTP_TOKENS" type:"path" placeholder:"FILE" help:"@token_file"`
	Mode   string `enum:"read,write,full" default:"write" help:"Widest effect offered to the bearer: read, write or full."`
}

// Run implements the command.
func (c *tokenNewCmd) Run(_ context.Context, h *host) error {
	mode, err := policy.ParseMode(c.Mode)
	if err != nil {
		return &usageError{problem: err.Error()}
	}
	token, err := serve.NewToken(c.Tokens, c.Name, mode)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(h.stdout, token)
	return err
}
