// Idp serves the identity provider of package authtest, for clients that others wrote, and for browsers:
// idp [-people FILE] [-secret TEXT] ADDR AUDIENCE [SCOPE]. The file has JSON: the claims of those who can sign in, by
// what the page calls them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"intercom-mcp/tools/serve/internal/auth/authtest"
)

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "idp:", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	flags := flag.NewFlagSet("idp", flag.ContinueOnError)
	people := flags.String("people", "", "`file` of those who can sign in")
	secret := flags.String("secret", "", "what clients send with a code")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if args = flags.Args(); len(args) < 2 {
		return fmt.Errorf("usage: idp [-people FILE] [-secret TEXT] ADDR AUDIENCE [SCOPE]")
	}
	provider, err := authtest.New(args[1])
	if err != nil {
		return err
	}
	provider.URL, provider.Secret = "http://"+args[0], *secret
	if len(args) > 2 {
		provider.Scope = args[2]
	}
	if *people != "" {
		text, err := os.ReadFile(*people)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &provider.People); err != nil {
			return fmt.Errorf("%s: %w", *people, err)
		}
	}
	server := &http.Server{Addr: args[0], Handler: provider.Handler(), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
