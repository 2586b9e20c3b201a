// Command floor_start is the floor of the start: a server of mcp-go without tools. The schema library that the program
// uses comes with it.
package main

import (
	"log"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("floor", "1", server.WithToolCapabilities(false))
	if err := server.ServeStdio(s); err != nil {
		log.Fatal(err)
	}
}
