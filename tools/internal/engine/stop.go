package engine

import (
	"sync"

	"intercom-mcp/policy/change"
)

// stop is why a run sends nothing more. The zero stop is none: the run goes on.
type stop int

const (
	goOn        stop = iota
	pausing          // this server is to run again, or the run was resumed: what is not sent waits for whoever goes on
	stopping         // this server ends for its own client, who is told that nothing more is sent
	cancelled        // a request to stop it was recorded: by its principal, an operator, or a server that ended
	forbidden        // the policy now in force denies it
	mostlyFails      // more of it fails than the policy's stop_after allows
)

// stopRules say what becomes of a run's items for each stop. What was sent is read back in any case.
var stopRules = [...]struct {
	leaves  bool   // what is not sent yet is left as it is, to be resumed; else it is recorded as not sent
	persist bool   // the stop is put on record, so that whoever goes on with the change only reads back
	why     string // for the agent
}{
	goOn:        {},
	pausing:     {leaves: true, why: "the server is to go on with it"},
	stopping:    {persist: true, why: "the server was stopped"},
	cancelled:   {why: "the change was cancelled"},
	forbidden:   {persist: true, why: "the policy in force forbids it now"},
	mostlyFails: {persist: true, why: "too much failed"},
}

// halt is the one state of a run that says whether, and why, it sends nothing more. The first stop wins. It is safe
// for concurrent use.
type halt struct {
	done chan struct{} // closed with the first stop

	mu  sync.Mutex
	why stop
	by  change.StopRequest // with cancelled: who asked, and why
}

func newHalt() *halt { return &halt{done: make(chan struct{})} }

// set stops the run, unless it is stopped already, which set reports.
func (h *halt) set(why stop, by change.StopRequest) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.why != goOn {
		return false
	}
	h.why, h.by = why, by
	close(h.done)
	return true
}

// get is why the run is stopped.
func (h *halt) get() stop {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.why
}

// stopped reports whether nothing more is to be sent.
func (h *halt) stopped() bool { return h.get() != goOn }

// leaves reports whether the run is stopped, and what is not sent waits to be resumed.
func (h *halt) leaves() bool { return stopRules[h.get()].leaves }

// final reports whether the run is stopped, and what is not sent never is.
func (h *halt) final() bool { why := h.get(); return why != goOn && !stopRules[why].leaves }

// reason says why, for the agent.
func (h *halt) reason() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	why := stopRules[h.why].why
	if h.why == cancelled && h.by.Reason != "" {
		why += ": " + h.by.Reason
	}
	return why
}
