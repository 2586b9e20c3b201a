package sandbox

import (
	"math"
	"testing"
)

// BenchmarkNew measures building a workspace of 10,000 contacts.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Options{Contacts: 10_000})
	}
}

// BenchmarkSearch measures a search over 10,000 contacts that finds 6,000 and
// answers with a page of 50.
func BenchmarkSearch(b *testing.B) {
	c := newCaller(b, Options{Contacts: 10_000, RateLimit: math.MaxInt})
	for b.Loop() {
		c.ok("POST", "/contacts/search", `{"query":{"field":"custom_attributes.plan","operator":"=","value":"trial"}}`)
	}
}

// BenchmarkGet measures reading one contact, the least a request costs.
func BenchmarkGet(b *testing.B) {
	c := newCaller(b, Options{Contacts: 100, RateLimit: math.MaxInt})
	path := "/contacts/" + c.Contacts()[0].ID
	for b.Loop() {
		c.ok("GET", path, "")
	}
}
