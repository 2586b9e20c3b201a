package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/serve"
)

// stateCmd looks after the changes that are kept.
type stateCmd struct {
	Migrate    stateMigrateCmd    `cmd:"" help:"Move changes and trail from a file to a database, for several servers."`
	AcceptLoss stateAcceptLossCmd `cmd:"" name:"accept-loss" help:"Let servers write again after a database lost changes."`
	Backup     stateBackupCmd     `cmd:"" help:"Copy the state file as it is at a moment, while servers go on using it."`
	Erase      stateEraseCmd      `cmd:"" help:"Remove a person's values and labels from changes and trail."`
	Info       stateInfoCmd       `cmd:"" help:"Say how large the state is, what it keeps, and for how long."`
}

// stateHelp are the help texts of stateFlags and of the state commands.
var stateHelp = helpTexts{
	"state_info_policy": "Policy whose retention is told; the built-in one when absent.",
	"audit_export":      "Folder of what was cut off the trail: it is checked from its first event on.",
	"state_migrate_to":  "The schema to move to, which must hold no changes: postgres://…",
	"state": "Changes and audit trail, bound to the token's workspace: a file, or postgres://… for several servers; " +
		"when absent, a file per workspace in the user's state directory, or memory with --sandbox.",
}

// stateFlags say where changes and their audit trail are kept.
type stateFlags struct {
	State string `variable:"INTERCOM_STATE" type:"state" placeholder:"FILE" help:"@state"`
}

// open returns the store of changes that the flags name for the workspace of
// config. No file is touched until the store is used.
func (f stateFlags) open(h *host, config intercom.Config, sandbox bool) (change.Store, error) {
	if f.State == "" && sandbox {
		return change.NewMemory(maxChanges), nil
	}
	if postgres.IsURL(f.State) {
		return stateOpener{schema: postgres.Open}.open(f.State)
	}
	path, err := f.path(h, config)
	if err != nil {
		return nil, err
	}
	if err := checkState(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return sqlite.Open(path)
}

// openExisting opens, by opener, the file that the flags name, or that of the workspace, whose changes a command works
// with without asking Intercom. Where there is no such file, the error says what is missing.
func (f stateFlags) openExisting(h *host, workspace workspaceFlags, command, missing string,
	opener stateOpener) (change.Durable, error) {
	if postgres.IsURL(f.State) {
		return opener.open(f.State)
	}
	path, err := f.existing(h, workspace, command)
	if err != nil {
		return nil, err
	}
	switch err := checkState(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &usageError{problem: missing + ": there is no file " + path,
			try: "the --state, or INTERCOM_STATE, that the servers have", cause: err}
	case err != nil:
		return nil, err
	}
	return opener.open(path)
}

// checkState refuses a state file that others can write: they could have changes carried out that nobody approved.
func checkState(path string) error {
	err := serve.CheckUnshared(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &usageError{problem: "the state file: " + err.Error(), cause: err}
	}
	return err
}

// existing is the path of the state file that openExisting opens.
func (f stateFlags) existing(h *host, workspace workspaceFlags, command string) (string, error) {
	if f.State != "" {
		return f.State, nil
	}
	token, err := workspace.accessToken()
	if err != nil {
		return "", err
	}
	if token == "" {
		try := "intercom-mcp " + command + " --state FILE"
		if dir, ok := h.stateDir(); ok {
			try += " (the files are in " + dir + ")"
		}
		return "", &usageError{problem: "there is no access token to tell whose changes are meant", try: try}
	}
	config, err := workspace.endpointFlags.config(token)
	if err != nil {
		return "", err
	}
	return f.path(h, config)
}

// bind holds a file or a schema to the workspace behind the client's token: what was planned in one workspace must
// never be carried out in another. A file of the state directory goes on for the workspace with whatever token.
func (f stateFlags) bind(h *host, store change.Store, client *intercom.Client, config intercom.Config) {
	workspace := onceKnown(func(ctx context.Context) (string, error) {
		me, err := client.Admins.Me(ctx)
		switch kind := intercom.KindOf(err); {
		case kind == intercom.KindCredential, kind == intercom.KindScope:
			return "", fmt.Errorf("%w: %w", change.ErrNoWorkspace, err)
		case err == nil && me.App.ID == "":
			return "", fmt.Errorf("%w: the answer names no workspace", change.ErrUnavailable)
		}
		return me.App.ID, err
	})
	switch store := store.(type) {
	case *sqlite.Store:
		store.Workspace = workspace
		if dir, ok := h.stateDir(); ok && f.State == "" {
			kept := stateFolder{dir, config}
			store.Workspace = kept.noting(workspace, store.Path)
			store.Adopt = kept.adopting(workspace)
		}
	case *postgres.Store:
		store.Workspace = workspace
	}
}

// onceKnown asks until there is an answer, which stands.
func onceKnown(ask func(context.Context) (string, error)) func(context.Context) (string, error) {
	var known atomic.Pointer[string]
	return func(ctx context.Context) (string, error) {
		if name := known.Load(); name != nil {
			return *name, nil
		}
		name, err := ask(ctx)
		if err == nil {
			known.Store(&name)
		}
		return name, err
	}
}

// closeStore closes a store that holds on to something.
func closeStore(store change.Store) error {
	if closer, ok := store.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// path returns the file of a workspace. Without the flag, it is the one that is named after the token and the endpoint,
// or another one that is known to be of the token's workspace.
func (f stateFlags) path(h *host, config intercom.Config) (string, error) {
	if f.State != "" {
		return f.State, nil
	}
	dir, ok := h.stateDir()
	if !ok {
		return "", &usageError{
			problem: "there is no home directory to keep changes in",
			try:     "--state FILE, or INTERCOM_STATE",
		}
	}
	return stateFolder{dir, config}.ofToken(), nil
}

// stateDir is where this program keeps its state for the user, if there is such a place.
// https://specifications.freedesktop.org/basedir-spec/latest/
func (h *host) stateDir() (string, bool) {
	under := func(variable string, path ...string) (string, bool) {
		base, _ := h.env(variable)
		return filepath.Join(append([]string{base}, path...)...), filepath.IsAbs(base)
	}
	switch runtime.GOOS {
	case "windows":
		return under("LocalAppData", "intercom-mcp", "state")
	case "darwin":
		return under("HOME", "Library", "Application Support", "intercom-mcp")
	}
	if dir, ok := under("XDG_STATE_HOME", "intercom-mcp"); ok {
		return dir, true
	}
	return under("HOME", ".local", "state", "intercom-mcp")
}
