package script

import (
	"fmt"
	"os"
	"path"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// Faults is what goes wrong in an embedded Intercom.
type Faults struct {
	Faults       []fault       `yaml:"faults"`
	FailContacts []failContact `yaml:"fail_contacts"`
}

// fault makes matching requests go wrong, as [sandbox.Fault].
type fault struct {
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

// LoadFaults reads a YAML file with the keys faults and fail_contacts. An error names the place of the problem.
func LoadFaults(file string) (*Faults, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the faults: %w", err)
	}
	f := new(Faults)
	if err := decodeFile(text, f, "the file is one YAML map with faults, fail_contacts or both"); err != nil {
		return nil, inFile(file, err)
	}
	return f, nil
}

// Arm has the workspace go wrong in these ways.
func (f *Faults) Arm(workspace *sandbox.Sandbox) error {
	for _, fail := range f.FailContacts {
		id, ok := findContact(workspace, fail.Contact)
		if !ok {
			return fmt.Errorf("fail_contacts: the workspace has no contact %q", fail.Contact)
		}
		workspace.FailContact(id, fail.Code, fail.Message)
	}
	for _, f := range f.Faults {
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

// findContact returns the id of the first contact with this id, e-mail or external id.
func findContact(workspace *sandbox.Sandbox, key string) (string, bool) {
	for _, contact := range workspace.Contacts() {
		if key != "" && (contact.ID == key || contact.Email == key || contact.ExternalID == key) {
			return contact.ID, true
		}
	}
	return "", false
}
