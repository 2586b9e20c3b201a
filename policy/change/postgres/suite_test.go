package postgres

import (
	"os"
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	children.Run()
	os.Exit(postgrestest.Main(m))
}

// openAt opens the store of a schema.
func openAt(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestContract holds the store to the contract of all stores.
func TestContract(t *testing.T) {
	t.Parallel()
	changetest.Run(t, func(t *testing.T) change.Store {
		at, giveBack := postgrestest.Emptied(t)
		t.Cleanup(giveBack)
		return openAt(t, at)
	})
}
