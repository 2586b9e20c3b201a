package sandbox_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"intercom-mcp/intercom/sandbox"
)

// The sandbox in a test of one's own, whatever client is tested: at the address of a server here, as the Transport of
// an [http.Client] elsewhere.
func Example() {
	workspace := sandbox.New(sandbox.Options{Contacts: 3})
	server := httptest.NewServer(workspace)
	defer server.Close()
	get := func(path string) (status int, answer struct {
		TotalCount int `json:"total_count"`
	}) {
		request, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer any")
		request.Header.Set("Accept", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			log.Fatal(err)
		}
		return response.StatusCode, answer
	}

	status, answer := get("/contacts")
	fmt.Println(status, answer.TotalCount)

	workspace.AddFault(sandbox.Fault{Path: "/contacts", Times: 1, RateLimited: true})
	status, _ = get("/contacts")
	fmt.Println(status)

	for _, call := range workspace.Calls() { // what was asked for
		fmt.Println(call.Method, call.Path, call.Status)
	}
	// Output:
	// 200 3
	// 429
	// GET /contacts 200
	// GET /contacts 429
}
