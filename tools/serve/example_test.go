package serve_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve"
)

// A program of one's own serves the tools beside its pages: with a client for Intercom, a store of changes and a policy
// that it has made itself. Here Intercom is the embedded one; leave Transport out for the real one.
func ExampleNewHandler() {
	workspace, err := intercom.New(intercom.Config{Token: "any", Transport: sandbox.New(sandbox.Options{})})
	if err != nil {
		log.Fatal(err)
	}
	defer workspace.Close()
	pipeline, err := tools.New(tools.Config{
		Client: workspace, Store: change.NewMemory(1000), Policy: policy.Always(policy.Default(policy.ModeRead)),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer pipeline.Close(context.Background())
	handler, err := serve.NewHandler(serve.HTTPOptions{Options: serve.Options{Version: "1.0", Caller: pipeline}})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a page of the program") })
	mux.Handle("/mcp", handler)
	web := httptest.NewUnstartedServer(mux) // in a program, an http.Server on a loopback address
	handler.Bound(web.Config)
	web.Start()
	defer web.Close()
	defer handler.Close(context.Background()) // first: it waits for the calls under way

	fmt.Println(count(web.URL+"/mcp"), "contacts")
	// Output: 500 contacts
}

// count asks as an agent does how many contacts there are.
func count(url string) any {
	ctx := context.Background()
	agent, err := client.NewStreamableHttpClient(url)
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Close()
	if _, err := agent.Initialize(ctx, mcp.InitializeRequest{}); err != nil {
		log.Fatal(err)
	}
	var call mcp.CallToolRequest
	call.Params.Name = "search_contacts"
	call.Params.Arguments = map[string]any{"limit": 0}
	result, err := agent.CallTool(ctx, call)
	if err != nil {
		log.Fatal(err)
	}
	answer, _ := result.StructuredContent.(map[string]any) // nil of a call that failed
	return answer["total"]
}
