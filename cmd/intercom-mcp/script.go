package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// scriptCmd runs scripts: each in a workspace of its own, all in this process.
// A token is taken from the command line alone, never from the environment, so
// that no script meets a real workspace by accident.
type scriptCmd struct {
	Files     []string `arg:"" name:"file" help:"Scripts to run."`
	Token     string   `placeholder:"TOKEN" help:"Run in the real workspace of this access token instead of the embedded Intercom."`
	TokenFile string   `type:"path" placeholder:"FILE" help:"The same, from a file that only you may read."`
	endpointFlags
	offerFlags
	logFlags
}

// Help describes the language of scripts.
func (*scriptCmd) Help() string {
	return `A script is a YAML map: name, about, mode, policy (a file), toolsets, sandbox (the dials of its own workspace) and steps.
A step:

  call: search_contacts           the tool
  with: {limit: 5}                its arguments
  expect: {rows: {$size: 5}}      a part of the answer, with values or matchers
  expect_error: not_found         the code of the error, instead
  expect_text: acme               a regular expression on what the model reads
  save: {id: "rows[0][0]"}        keeps a part of the answer; later steps use it as ${id}
  answer: accept                  answers the question that comes: accept, decline or cancel

Maps in expect may have further keys in the answer, lists may not have further elements. Matchers: $regexp,
$contains, $size, $min, $max, $present and $absent. A tool that is not offered gives the error unknown_tool.`
}

// Run implements the command. Every script is read before the first one runs.
func (c *scriptCmd) Run(ctx context.Context, h *host) error {
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	token, err := workspaceFlags{Token: c.Token, TokenFile: c.TokenFile}.accessToken()
	if err != nil {
		return err
	}
	var scripts []*scriptFile
	for _, path := range c.Files {
		script, err := loadScript(path)
		if err != nil {
			return &usageError{problem: err.Error()}
		}
		if token != "" && script.Sandbox != nil {
			return &usageError{problem: path + " sets up the embedded Intercom, and cannot run in a real workspace"}
		}
		scripts = append(scripts, script)
	}
	if token != "" {
		fmt.Fprintln(h.stderr, "intercom-mcp: these scripts run in the real workspace of the token given")
	}
	report := &scriptReport{out: h.stdout, paint: paint{h.coloured(h.stdout)}}
	for _, script := range scripts {
		if err := c.runOne(ctx, script, token, log, report); err != nil {
			return fmt.Errorf("%s: %w", script.path, err)
		}
	}
	report.end()
	if report.failed > 0 {
		return errFailed
	}
	return nil
}

// runOne runs one script. The error is for a script that could not be run; a
// step that fails is in the report.
func (c *scriptCmd) runOne(ctx context.Context, script *scriptFile, token string, log *slog.Logger, report *scriptReport) (err error) {
	config, err := c.scriptConfig(script, token)
	if err != nil {
		return err
	}
	offer := c.offerFlags
	if script.Mode != "" {
		offer.Mode = script.Mode
	}
	if script.Policy != "" {
		offer.Policy = filepath.Join(filepath.Dir(script.path), script.Policy)
	}
	if script.Toolsets != nil {
		offer.Toolsets = script.Toolsets
	}
	service, err := offer.start(config, change.NewMemory(maxChanges), log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.settle(ctx)) }()
	return runScript(ctx, script, service, report)
}

// scriptConfig describes a client of the workspace that script runs in.
func (c *scriptCmd) scriptConfig(script *scriptFile, token string) (intercom.Config, error) {
	if token != "" {
		return c.endpointFlags.config(token)
	}
	workspace, err := newWorkspace(script.Sandbox)
	if err != nil {
		return intercom.Config{}, err
	}
	return sandboxConfig(workspace, c.APIVersion), nil
}

// runScript takes the script's steps one after the other until one fails.
func runScript(ctx context.Context, script *scriptFile, caller tools.Caller, report *scriptReport) error {
	report.start(script)
	vars := make(variables)
	for i := range script.Steps {
		step := &script.Steps[i]
		err := step.run(ctx, caller, vars)
		var wrong *stepFailure
		if err != nil && !errors.As(err, &wrong) {
			return fmt.Errorf("line %d: %s: %w", step.at.line, step.Call, err)
		}
		report.step(script, step, wrong)
		if wrong != nil {
			return nil
		}
	}
	return nil
}
