package script

import (
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/intercom/sandbox"
)

// Workspace describes the embedded Intercom that a script runs in; see [sandbox.Options].
type Workspace struct {
	Seed      uint64   `yaml:"seed"`
	Contacts  int      `yaml:"contacts"`
	Companies int      `yaml:"companies"`
	RateLimit int      `yaml:"rate_limit"` // requests per 10 seconds
	SearchLag duration `yaml:"search_lag"`
	Latency   duration `yaml:"latency"`
	BulkDelay duration `yaml:"bulk_delay"`
	NoPreview bool     `yaml:"no_preview"`
	Escape    bool     `yaml:"escape"` // texts are escaped as HTML
	Faults    Faults   `yaml:",inline"`
}

// Open makes the workspace. The nil Workspace makes the default one.
func (w *Workspace) Open() (*sandbox.Sandbox, error) {
	if w == nil {
		return sandbox.New(sandbox.Options{}), nil
	}
	opened := sandbox.New(sandbox.Options{
		Seed: w.Seed, Contacts: w.Contacts, Companies: w.Companies, RateLimit: w.RateLimit, NoPreview: w.NoPreview,
		Escape:    w.Escape,
		SearchLag: time.Duration(w.SearchLag), Latency: time.Duration(w.Latency), BulkDelay: time.Duration(w.BulkDelay),
	})
	return opened, w.Faults.Arm(opened)
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
		return problemAt(node, "%q is no time span such as 600ms or 10s", text)
	}
	*d = duration(parsed)
	return nil
}
