package main

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/sqlite"
)

// stateOpener opens what a state names: a file, or the schema of a database.
type stateOpener struct {
	file   func(path string) (*sqlite.Store, error)
	schema func(url string) (*postgres.Store, error)
}

// How commands open a state that exists.
var (
	toWrite = stateOpener{sqlite.Open, postgres.Existing}
	toRead  = stateOpener{sqlite.Look, postgres.Look}
)

// open opens a state.
func (o stateOpener) open(state string) (change.Durable, error) {
	if postgres.IsURL(state) {
		store, err := o.schema(state)
		if err != nil {
			return nil, &usageError{problem: err.Error()}
		}
		return store, nil
	}
	store, err := o.file(state)
	if err != nil {
		return nil, err
	}
	return store, nil
}

// stateMapper reads the value of a state: the path of a file, made absolute, or the URL of a database as it is.
func stateMapper(ctx *kong.DecodeContext, target reflect.Value) error {
	var state string
	if err := ctx.Scan.PopValueInto("file or URL", &state); err != nil {
		return err
	}
	if state != "" && !postgres.IsURL(state) {
		state = kong.ExpandPath(state)
	}
	target.SetString(state)
	return nil
}

// needFile refuses a state that is no file, for what has a use for a file alone.
func (f stateFlags) needFile(what string) error {
	if postgres.IsURL(f.State) {
		return &usageError{problem: fmt.Sprintf("%s needs a state file, and the state is a database", what)}
	}
	return nil
}
