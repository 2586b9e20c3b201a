package postgres

import (
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// BenchmarkGrowth measures schemas with ever more old items in them.
func BenchmarkGrowth(b *testing.B) {
	changetest.Growth(b, func(b *testing.B, items int) func(b *testing.B) change.Durable {
		url := postgrestest.Schema(b)
		s := openAt(b, url)
		err := s.Receive(b.Context(), func(into change.Receiver) error {
			return changetest.History(b.Context(), into, items)
		})
		if err != nil {
			b.Fatal(err)
		}
		return func(b *testing.B) change.Durable {
			s, err := Open(url)
			if err != nil {
				b.Fatal(err)
			}
			return s
		}
	})
}
