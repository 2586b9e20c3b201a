// Command floor_start is the floor of the start: a server of mcp-go without tools that has both schema libraries linked
// in and used for nothing.
package main

import (
	"log"

	_ "github.com/invopop/jsonschema"
	"github.com/mark3labs/mcp-go/server"
	_ "github.com/santhosh-tekuri/jsonschema/v5"
)

func main() {
	s := server.NewMCPServer("floor", "1", server.WithToolCapabilities(false))
	if err := server.ServeStdio(s); err != nil {
		log.Fatal(err)
	}
}
