package intercom

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The client's own time for a page of 150 contacts, against a bare Go client
// that does the same request and decodes the same body.
func BenchmarkPageOfContacts(b *testing.B) {
	page := `{"type":"list","data":[` + strings.Repeat(fullContact+",", 149) + fullContact + `],"total_count":150}`
	f := transportFunc(func(r *http.Request) *http.Response { return ok(page).response(r) })
	b.Run("client", func(b *testing.B) {
		c, err := New(Config{Token: "t", Transport: f})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for range b.N {
			c.conn.budget.remaining = assumedLimit
			if _, err := c.Contacts.List(background, PageOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			bare(b, &http.Client{Transport: f})
		}
	})
}

// bare is what anyone would write.
func bare(b *testing.B, c *http.Client) {
	resp, err := c.Get("https://api.intercom.io/contacts")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	var page struct {
		Data []map[string]any `json:"data"`
	}
	if err := json.Unmarshal(body, &page); err != nil || len(page.Data) != 150 {
		b.Fatal(err)
	}
}

type transportFunc func(*http.Request) *http.Response

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }
