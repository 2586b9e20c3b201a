package main

import (
	"fmt"
	"os"
	"path"
	"time"

	"github.com/goccy/go-yaml/parser"

	"intercom-mcp/intercom/sandbox"
)

// troubles are what goes wrong in a workspace, as scripts and the file of
// 'sandbox --faults' name it.
type troubles struct {
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

// loadTroubles reads a YAML file with the keys of troubles. What is unknown or
// misspelt is an error with its place.
func loadTroubles(file string) (*troubles, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the faults: %w", err)
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, placed(file, err)
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s:1:1: the file is one YAML map with faults, fail_contacts or both", file)
	}
	t := new(troubles)
	if err := decodeStrictly(parsed.Docs[0].Body, t); err != nil {
		return nil, placed(file, err)
	}
	return t, nil
}

// arm has the workspace go wrong in these ways.
func (t *troubles) arm(workspace *sandbox.Sandbox) error {
	for _, fail := range t.FailContacts {
		id, ok := findContact(workspace, fail.Contact)
		if !ok {
			return fmt.Errorf("fail_contacts: the workspace has no contact %q", fail.Contact)
		}
		workspace.FailContact(id, fail.Code, fail.Message)
	}
	for _, f := range t.Faults {
		if _, err := path.Match(f.Path, ""); err != nil {
			return fmt.Errorf("faults: %q is no pattern of paths such as /contacts/*", f.Path)
		}
		workspace.AddFault(sandbox.Fault{
			Method: f.Method, Path: f.Path, Every: f.Every, Times: f.Times, After: f.After,
			Status: f.Status, Code: f.Code, Message: f.Message, RateLimited: f.RateLimited,
			Reset: f.Reset, ResetAfter: f.ResetAfter, Truncate: f.Truncate, Hang: f.Hang, Latency: time.Duration(f.Latency),
		})
	}
	return nil
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
