package main

import (
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/intercom/sandbox"
)

// sandboxHead turns the dials of a script's own workspace.
type sandboxHead struct {
	Seed      uint64   `yaml:"seed"`
	Contacts  int      `yaml:"contacts"`
	Companies int      `yaml:"companies"`
	RateLimit int      `yaml:"rate_limit"`
	SearchLag duration `yaml:"search_lag"`
	Latency   duration `yaml:"latency"`
	BulkDelay duration `yaml:"bulk_delay"`
	NoPreview bool     `yaml:"no_preview"`
	Troubles  troubles `yaml:",inline"`
}

// duration is a time span as Go writes it: 600ms, 10s.
type duration time.Duration

// UnmarshalYAML reads a duration.
func (d *duration) UnmarshalYAML(node ast.Node) error {
	var text string
	if err := yaml.NodeToValue(node, &text); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return wrongAt(node, "%q is no time span such as 600ms or 10s", text)
	}
	*d = duration(parsed)
	return nil
}

// newWorkspace builds the workspace that a script's head describes.
func newWorkspace(head *sandboxHead) (*sandbox.Sandbox, error) {
	if head == nil {
		return sandbox.New(sandbox.Options{}), nil
	}
	workspace := sandbox.New(sandbox.Options{
		Seed: head.Seed, Contacts: head.Contacts, Companies: head.Companies, RateLimit: head.RateLimit, NoPreview: head.NoPreview,
		SearchLag: time.Duration(head.SearchLag), Latency: time.Duration(head.Latency), BulkDelay: time.Duration(head.BulkDelay),
	})
	return workspace, head.Troubles.arm(workspace)
}
