package main

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"intercom-mcp/cmd/intercom-mcp/internal/table"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve"
	"intercom-mcp/tools/serve/console"
)

// consoleHelp are the help texts of consoleClientFlags and consoleCmd.
var consoleHelp = helpTexts{
	"console_client_id": "Client as which people sign in to the console at the identity provider; its redirect address " +
		"is --public-url with /console/callback behind it. Without it there is no console.",
	"console_secret": "File with the secret of that client; only you may read it. A public client has none.",
	"listen":         "Address to listen on, of this machine alone; a port of 0 takes a free one.",
}

// consoleClientFlags say as which client of an identity provider people sign in to the console of an HTTP server.
type consoleClientFlags struct {
	ID         string `variable:"INTERCOM_CONSOLE_CLIENT_ID" placeholder:"ID" help:"@console_client_id"`
	SecretFile string `variable:"INTERCOM_CONSOLE_CLIENT_SECRET_FILE" type:"path" placeholder:"FILE" help:"@console_secret"`
}

// signIn is how people sign in at an issuer; nil where no flag says so.
func (f consoleClientFlags) signIn(issuer *serve.Issuer, public string) (*serve.SignIn, error) {
	switch {
	case f.ID == "" && f.SecretFile != "":
		return nil, &usageError{problem: "--console-client-secret-file has no effect without --console-client-id",
			try: "intercom-mcp docs console"}
	case f.ID == "":
		return nil, nil
	case issuer == nil:
		return nil, &usageError{problem: "--console-client-id needs --issuer, at which people sign in",
			try: "intercom-mcp docs console"}
	}
	config := serve.SignInConfig{ClientID: f.ID, Callback: console.Callback(publicHost(public))}
	if f.SecretFile != "" {
		if err := serve.CheckPrivate(f.SecretFile); err != nil {
			return nil, &usageError{problem: "the secret of the console's client: " + err.Error()}
		}
		secret, err := os.ReadFile(f.SecretFile)
		if err != nil {
			return nil, err
		}
		if config.ClientSecret = strings.TrimSpace(string(secret)); config.ClientSecret == "" {
			return nil, &usageError{problem: f.SecretFile + " is empty"}
		}
	}
	signIn, err := issuer.SignIn(config)
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	return signIn, nil
}

// people is the console of an HTTP server; nil where nobody can sign in.
func (c *httpCmd) people(s *service, signIn *serve.SignIn, log *slog.Logger) (http.Handler, error) {
	if signIn == nil {
		return nil, nil
	}
	return s.console(console.Options{SignIn: signIn, Public: publicHost(c.PublicURL),
		BehindProxy: c.BehindProxy}, log)
}

// consoleURL is where people open the console; "" where they cannot sign in.
func (c *httpCmd) consoleURL(signIn *serve.SignIn) string {
	if signIn == nil {
		return ""
	}
	return publicHost(c.PublicURL) + "/console"
}

// publicHost is scheme and host of the public address, which may have /mcp behind it.
func publicHost(public string) string {
	return strings.TrimSuffix(strings.TrimSuffix(public, "/"), "/mcp")
}

// console is the web page for people over the service, who sign in by one of two ways.
func (s *service) console(o console.Options, log *slog.Logger) (http.Handler, error) {
	durable, _ := s.store.(change.Durable)
	o.Desk, o.Sessions, o.Log, o.CSV = s.pipeline.Console(durable), s.store.Shared().Sessions, log, writeRows
	return console.New(o)
}

// writeRows writes a table as CSV that a spreadsheet runs nothing of.
func writeRows(w io.Writer, rows *tools.Exported) error {
	out, err := table.NewCSV(w, rows.Columns, false)
	if err != nil {
		return err
	}
	for row, err := range rows.Rows {
		if err == nil {
			err = out.WriteRow(row.Values)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
