package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"intercom-mcp/cmd/intercom-mcp/internal/script"
	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// scriptCmd runs scripts: each in a workspace of its own, all in this process. A token is taken from the command line
// alone, so that no script meets a real workspace by accident.
type scriptCmd struct {
	Files     []string `arg:"" name:"file" help:"Scripts to run."`
	Token     string   `placeholder:"TOKEN" help:"Run in the real workspace of this token, not in the embedded one."`
	TokenFile string   `type:"path" placeholder:"FILE" help:"The same, from a file that only you may read."`
	endpointFlags
	offerFlags
	logFlags
}

// Help describes the language of scripts.
func (*scriptCmd) Help() string { return script.Help }

// Run implements the command. Every script is read before the first one runs.
func (c *scriptCmd) Run(ctx context.Context, h *host) error {
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	token, err := workspaceFlags{Token: c.Token, TokenFile: c.TokenFile}.accessToken()
	if err != nil {
		return err
	}
	var scripts []*script.Script
	for _, path := range c.Files {
		one, err := script.Load(path)
		if err != nil {
			return &usageError{problem: err.Error()}
		}
		if token != "" && one.Sandbox != nil {
			return &usageError{problem: path + " sets up the embedded Intercom, and cannot run in a real workspace"}
		}
		scripts = append(scripts, one)
	}
	if token != "" {
		fmt.Fprintln(h.stderr, "intercom-mcp: these scripts run in the real workspace of the token given")
	}
	report := &script.Report{Out: h.stdout, Style: h.style(h.stdout)}
	for _, one := range scripts {
		if err := c.runOne(ctx, one, token, log, report); err != nil {
			return err
		}
	}
	if !report.End() {
		return errFailed
	}
	return nil
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
	service, err := offer.start(config, change.NewMemory(maxChanges), log, nil, 1)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	return s.Run(ctx, service.pipeline, principal, report)
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
