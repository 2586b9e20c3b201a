package main

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/intercom/sandbox"
)

// sandboxHead turns the dials of a script's own workspace.
type sandboxHead struct {
	Seed         uint64         `yaml:"seed"`
	Contacts     int            `yaml:"contacts"`
	Companies    int            `yaml:"companies"`
	RateLimit    int            `yaml:"rate_limit"`
	SearchLag    duration       `yaml:"search_lag"`
	Latency      duration       `yaml:"latency"`
	BulkDelay    duration       `yaml:"bulk_delay"`
	NoPreview    bool           `yaml:"no_preview"`
	Faults       []sandboxFault `yaml:"faults"`
	FailContacts []failContact  `yaml:"fail_contacts"`
}

// sandboxFault makes matching requests go wrong, as [sandbox.Fault].
type sandboxFault struct {
	Method      string   `yaml:"method"`
	Path        string   `yaml:"path"`
	Every       int      `yaml:"every"`
	Times       int      `yaml:"times"`
	After       int      `yaml:"after"`
	Status      int      `yaml:"status"`
	Code        string   `yaml:"code"`
	Message     string   `yaml:"message"`
	RateLimited bool     `yaml:"rate_limited"`
	Reset       bool     `yaml:"reset"`
	ResetAfter  bool     `yaml:"reset_after"`
	Truncate    bool     `yaml:"truncate"`
	Hang        bool     `yaml:"hang"`
	Latency     duration `yaml:"latency"`
}

// failContact makes every write to one contact fail.
type failContact struct {
	Contact string `yaml:"contact"` // id, e-mail or external id
	Code    string `yaml:"code"`
	Message string `yaml:"message"`
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
	for _, fail := range head.FailContacts {
		id, ok := findContact(workspace, fail.Contact)
		if !ok {
			return nil, fmt.Errorf("fail_contacts: the workspace has no contact %q", fail.Contact)
		}
		workspace.FailContact(id, fail.Code, fail.Message)
	}
	for _, f := range head.Faults {
		workspace.AddFault(sandbox.Fault{
			Method: f.Method, Path: f.Path, Every: f.Every, Times: f.Times, After: f.After,
			Status: f.Status, Code: f.Code, Message: f.Message, RateLimited: f.RateLimited,
			Reset: f.Reset, ResetAfter: f.ResetAfter, Truncate: f.Truncate, Hang: f.Hang, Latency: time.Duration(f.Latency),
		})
	}
	return workspace, nil
}

// findContact returns the id of the first contact that key names.
func findContact(workspace *sandbox.Sandbox, key string) (string, bool) {
	for _, contact := range workspace.Contacts() {
		if key != "" && (contact.ID == key || contact.Email == key || contact.ExternalID == key) {
			return contact.ID, true
		}
	}
	return "", false
}
