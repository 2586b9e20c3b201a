package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/mark3labs/mcp-go/mcp"
)

// version, commit and its date are set by the linker in releases (-ldflags "-X main.version=v1.2.3 …"); otherwise
// Go's own build information stands in.
var version, commit, date string

// versionCmd prints what this build is.
type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(_ context.Context, h *host) error {
	build := thisBuild()
	_, err := fmt.Fprintf(h.stdout,
		"intercom-mcp %s\ncommit       %s\ndate         %s\nGo           %s %s/%s\nMCP          %s\n",
		build.version, build.commit, build.date, runtime.Version(), runtime.GOOS, runtime.GOARCH,
		strings.Join(mcp.ValidProtocolVersions, ", "))
	return err
}

// versionFlag is what some expect in place of the command.
type versionFlag bool

// BeforeReset implements kong's hook: the flag stands for the whole command.
func (versionFlag) BeforeReset(app *kong.Kong, h *host) error {
	defer app.Exit(0)
	return versionCmd{}.Run(context.Background(), h)
}

// build identifies a build of the program.
type build struct {
	version, commit string
	date            string // of the commit, RFC 3339
}

// thisBuild describes the running program.
func thisBuild() build {
	b := build{version: version, commit: commit, date: date}
	if info, ok := debug.ReadBuildInfo(); ok {
		settings := make(map[string]string, len(info.Settings))
		for _, setting := range info.Settings {
			settings[setting.Key] = setting.Value
		}
		revision := settings["vcs.revision"]
		if revision != "" && settings["vcs.modified"] == "true" {
			revision += " (modified)"
		}
		b.version = cmp.Or(b.version, info.Main.Version)
		b.commit = cmp.Or(b.commit, revision)
		b.date = cmp.Or(b.date, settings["vcs.time"])
	}
	return build{cmp.Or(b.version, "(devel)"), cmp.Or(b.commit, "unknown"), cmp.Or(b.date, "unknown")}
}
