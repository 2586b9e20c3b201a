// Idp serves the identity provider of package authtest, for clients that others wrote: idp ADDR AUDIENCE [SCOPE].
package main

import (
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
	if len(args) < 2 {
		return fmt.Errorf("usage: idp ADDR AUDIENCE [SCOPE]")
	}
	provider, err := authtest.New(args[1])
	if err != nil {
		return err
	}
	provider.URL = "http://" + args[0]
	if len(args) > 2 {
		provider.Scope = args[2]
	}
	server := &http.Server{Addr: args[0], Handler: provider.Handler(), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
