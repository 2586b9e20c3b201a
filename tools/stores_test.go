package tools

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/postgres/postgrestest"
	"intercom-mcp/policy/change/sqlite"
)

// openState opens the store of a state: a file, or the URL of a database. A lease of 0 stands for the usual one.
func openState(state string, lease time.Duration) (change.Durable, error) {
	if postgres.IsURL(state) {
		store, err := postgres.Open(state)
		if err == nil && lease > 0 {
			store.Lease = lease
		}
		return store, err
	}
	store, err := sqlite.Open(state)
	if err == nil && lease > 0 {
		store.Lease = lease
	}
	return store, err
}

// freshState makes a state that is empty. It is given back when nobody uses it any more.
type freshState = func(dir string) (state string, giveBack func())

// onBothStores runs a test with states that are files, and with states in a database where PostgreSQL is installed.
func onBothStores(t *testing.T, test func(t *testing.T, fresh freshState)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, func(dir string) (string, func()) { return filepath.Join(dir, "state.db"), func() {} })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		postgrestest.Need(t)
		test(t, func(string) (string, func()) { return postgrestest.Emptied(t) })
	})
}

// stateFile is the path of a file of changes of the test's own, which is there already, and empty.
func stateFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	emptyState.Copy(t, path)
	return path
}

var emptyState = changetest.Template{Make: func(t testing.TB, path string) {
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Append(t.Context()), store.Close()); err != nil {
		t.Fatal(err)
	}
}}
