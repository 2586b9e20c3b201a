// Command floor is what anybody would write first: a server of mcp-go whose tools make the same requests as ours with
// net/http, decode the answers with encoding/json, and check nothing.
package main

import (
	"errors"
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: floor stdio | http --addr ADDRESS")
	}
	flags := flag.NewFlagSet("floor", flag.ExitOnError)
	addr := flags.String("addr", "127.0.0.1:0", "address to listen on")
	if err := flags.Parse(os.Args[2:]); err != nil {
		log.Fatal(err)
	}
	api := &intercom{url: os.Getenv("INTERCOM_BASE_URL"), token: os.Getenv("INTERCOM_ACCESS_TOKEN"),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	s := server.NewMCPServer("floor", "1", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("list_tags"), api.listTags)
	s.AddTool(mcp.NewTool("get_contact", mcp.WithString("contact", mcp.Required())), api.getContact)
	s.AddTool(mcp.NewTool("update_contact", mcp.WithString("contact", mcp.Required()), mcp.WithObject("set")),
		api.updateContact)
	s.AddTool(mcp.NewTool("search_contacts", mcp.WithNumber("limit")), api.searchContacts)
	err := errors.New("neither stdio nor http")
	switch os.Args[1] {
	case "stdio":
		err = server.ServeStdio(s)
	case "http":
		err = server.NewStreamableHTTPServer(s).Start(*addr)
	}
	if err != nil {
		log.Fatal(err)
	}
}
