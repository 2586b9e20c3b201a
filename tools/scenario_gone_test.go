package tools

import (
	"net/http"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// afterUpdate does something once Intercom has answered an update.
type afterUpdate struct {
	sandbox *sandbox.Sandbox
	do      func()
}

// RoundTrip implements [http.RoundTripper].
func (a *afterUpdate) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := a.sandbox.RoundTrip(r)
	if r.Method == http.MethodPut {
		a.do()
	}
	return answer, err
}

// TestGoneAfterwards archives a contact once Intercom has accepted a write to it, before that is read back: the write
// counts, and is told as unknown.
func TestGoneAfterwards(t *testing.T) {
	var transport afterUpdate
	w := newWorld(t, func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = &transport })
	transport.sandbox = w.sandbox
	ann := w.user(0).ID
	transport.do = func() { w.direct("POST", "/contacts/"+ann+"/archive", "") }
	err := w.refused(toolerr.OutcomeUnknown, "update_contact", object{"contact": ann, "set": object{"name": "X"}})
	c, getErr := w.store.Get(t.Context(), "local", err.Data["change"].(string))
	if getErr != nil || c.Items[0].Outcome != change.Unknown || len(c.WrittenTargets()) != 1 {
		t.Errorf("%+v, %v", c.Items, getErr)
	}
}
