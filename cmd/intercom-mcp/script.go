package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"

	"intercom-mcp/cmd/intercom-mcp/internal/script"
	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// scriptHelp are the help texts of scriptCmd.
var scriptHelp = helpTexts{
	"script_junit": "Write the results for a server of continuous integration, too.",
}

// scriptCmd runs scripts: each in a workspace of its own, all in this process. A token is taken from the command line
// alone, so that no script meets a real workspace by accident.
type scriptCmd struct {
	Files     []string `arg:"" name:"file" help:"Scripts to run."`
	Token     string   `placeholder:"TOKEN" help:"Run in the real workspace of this token, not in the embedded one."`
	TokenFile string   `type:"path" placeholder:"FILE" help:"The same, from a file that only you may read."`
	Only      string   `name:"run" placeholder:"REGEXP" help:"Only scripts whose path or name matches."`
	JSON      bool     `help:"Print a JSON object for each step."`
	JUnit     string   `name:"junit" type:"path" placeholder:"FILE" help:"@script_junit"`
	endpointFlags
	offerFlags
	logFlags
}

// Help describes the language of scripts.
func (*scriptCmd) Help() string { return script.Help }

// Run implements the command. A script that cannot be read does not keep the others from running.
func (c *scriptCmd) Run(ctx context.Context, h *host) error {
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	token, err := workspaceFlags{Token: c.Token, TokenFile: c.TokenFile}.accessToken()
	if err != nil {
		return err
	}
	only, err := regexp.Compile(c.Only)
	if err != nil {
		return &usageError{problem: "--run: " + err.Error()}
	}
	if token != "" {
		fmt.Fprintln(h.stderr, "intercom-mcp: these scripts run in the real workspace of the token given")
	}
	report := &script.Report{Out: h.stdout, Style: h.style(h.stdout), JSON: c.JSON}
	left := 0 // out, by --run
	for _, path := range c.Files {
		one, err := script.Load(path)
		switch {
		case !only.MatchString(path) && (one == nil || !only.MatchString(one.Name)):
			left++
		case err != nil:
			report.Unreadable(path, err)
		case token != "" && one.Sandbox != nil:
			report.Unreadable(path, errors.New("it sets up the embedded Intercom, and cannot run in a real workspace"))
		default:
			if err := c.runOne(ctx, one, token, log, report); err != nil {
				return err
			}
		}
	}
	if left == len(c.Files) {
		return &usageError{problem: fmt.Sprintf("--run %q matches neither the path nor the name of a script", c.Only)}
	}
	good := report.End()
	if c.JUnit != "" {
		if err := writeFile(c.JUnit, report.WriteJUnit); err != nil {
			return err
		}
	}
	if !good {
		return errFailed
	}
	return nil
}

// writeFile writes a file.
func writeFile(path string, write func(io.Writer) error) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return write(file)
}

// runOne runs one script in a service of its own. The error is for a script that could not be run.
func (c *scriptCmd) runOne(
	ctx context.Context, s *script.Script, token string, log *slog.Logger, report *script.Report,
) (err error) {
	config, err := c.scriptConfig(s, token)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	offer := c.offerFlags
	if s.Mode != "" {
		offer.Mode = s.Mode
	}
	if s.Policy != "" {
		offer.Policy = s.Policy
	}
	if s.Toolsets != nil {
		offer.Toolsets = s.Toolsets
	}
	offer.Clock = s.Clock.Now
	service, err := offer.start(config, change.NewMemory(maxChanges), log, nil, 1)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	return s.Run(ctx, service.pipeline, policy.LocalPrincipal, report)
}

// scriptConfig describes a client of the workspace that s runs in.
func (c *scriptCmd) scriptConfig(s *script.Script, token string) (intercom.Config, error) {
	if token != "" {
		return c.endpointFlags.config(token)
	}
	workspace, err := s.Sandbox.Open()
	if err != nil {
		return intercom.Config{}, err
	}
	return sandboxConfig(workspace, c.APIVersion), nil
}
