package serve

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
)

// Options is what every transport needs. Version and Caller are required.
type Options struct {
	Version string       // of the program, told to clients
	Caller  tools.Caller // runs the calls
	Log     *slog.Logger // nil: nothing is logged
	Metrics *Metrics     // nil: nothing is counted
	// Stopping is called once, when no more calls are taken and those under way are not waited for any longer: the
	// caller should answer them. Nil: it is not told.
	Stopping func()
	// ToolsChanged has one each time the tools that are offered may have become others, which [Stdio] tells its client.
	// Nil: they never do.
	ToolsChanged <-chan struct{}
	// SealKeys seal what clients carry from an elicitation to its answer. Nil: one random key that lives as long as the
	// process.
	SealKeys *SealKeys
	// AskTimeout is how long an elicitation that keeps its request open is waited for; the change then still waits. 0
	// means 5 minutes.
	AskTimeout time.Duration
	// NoElicitation treats clients as ones that cannot ask their user, whatever they declare.
	NoElicitation bool
	// Decisions waits until a principal's change waits for approvers no more, and returns how it stands and a sentence
	// about it, which [Stdio] tells its client by a message to its log; see [tools.Pipeline.AwaitDecision]. Nil: nobody
	// approves.
	Decisions func(ctx context.Context, principal, id string) (change.Status, string, error)

	logs bool // messages are sent to the client's log
}

// normal returns the options with the defaults filled in.
func (o Options) normal() (Options, error) {
	if o.Caller == nil {
		return o, errors.New("serve: a caller is required")
	}
	if o.Version == "" {
		return o, errors.New("serve: a version is required")
	}
	if o.AskTimeout == 0 {
		o.AskTimeout = askTimeout
	}
	if o.Stopping == nil {
		o.Stopping = func() {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// ToolList returns exactly what the result of tools/list sends, as compact JSON: {"tools":[...]}.
func ToolList(o Options) (json.RawMessage, error) {
	c, err := newCore(o)
	if err != nil {
		return nil, err
	}
	e := newExchange(auth.Local)
	if err := c.renew(e); err != nil {
		return nil, err
	}
	return c.ask(withExchange(context.Background(), e), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
}
