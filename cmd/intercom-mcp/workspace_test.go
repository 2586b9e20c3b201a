package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

func TestOnceUsed(t *testing.T) {
	opened := 0
	transport := onceUsed(func() http.RoundTripper {
		opened++
		return sandbox.New(sandbox.Options{Contacts: 1, Companies: -1})
	})
	if opened != 0 {
		t.Error("opened before it was used")
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			request := httptest.NewRequest(http.MethodGet, "http://localhost/me", nil)
			request.Header.Set("Authorization", "Bearer t")
			request.Header.Set("Accept", "application/json")
			response, err := transport.RoundTrip(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close() // nothing is read of it
			if response.StatusCode != http.StatusOK {
				t.Error(response.Status)
			}
		})
	}
	group.Wait()
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
}
