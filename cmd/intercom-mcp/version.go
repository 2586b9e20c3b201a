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

// version and commit are set by the linker in releases
// (-ldflags "-X main.version=v1.2.3 -X main.commit=…"); else Go's own build information stands in.
var version, commit string

// versionCmd prints what this build is.
type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(_ context.Context, h *host) error {
	build := thisBuild()
	_, err := fmt.Fprintf(h.stdout, "intercom-mcp %s\ncommit       %s\nGo           %s %s/%s\nMCP          %s\n",
		build.version, build.commit, runtime.Version(), runtime.GOOS, runtime.GOARCH,
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
type build struct{ version, commit string }

// thisBuild describes the running program.
func thisBuild() build {
	b := build{version: version, commit: commit}
	info, ok := debug.ReadBuildInfo()
	if ok {
		b.version = cmp.Or(b.version, info.Main.Version)
		b.commit = cmp.Or(b.commit, revision(info.Settings))
	}
	return build{version: cmp.Or(b.version, "(devel)"), commit: cmp.Or(b.commit, "unknown")}
}

// revision reads the version control settings of a build.
func revision(settings []debug.BuildSetting) string {
	var commit, modified string
	for _, setting := range settings {
		switch setting.Key {
		case "vcs.revision":
			commit = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				modified = " (modified)"
			}
		}
	}
	if commit == "" {
		return ""
	}
	return commit + modified
}
