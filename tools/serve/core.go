package serve

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// listTTL is how long a client may keep the list of tools, in milliseconds.
const listTTL = 300_000

// core is the protocol server behind every transport.
type core struct {
	caller        tools.Caller
	mcp           *server.MCPServer
	seal          *auth.Seal
	log           *slog.Logger
	metrics       *Metrics
	askTimeout    time.Duration // for an elicitation that keeps its request open
	noElicitation bool          // no client is asked

	registering sync.Mutex                                // held by who adds tools
	tools       atomic.Pointer[map[string]registeredTool] // by name

	slots *slots // nil: no cap on concurrent calls
	// elicitations caps those that keep a request open while somebody thinks.
	elicitations *slots

	closing         context.Context // done when elicitations are to end
	endElicitations func()          // ends closing
	stopping        func()          // tells the caller to answer the calls under way; called once
}

// newCore registers the caller's tools with a new protocol server.
func newCore(o Options) (*core, error) {
	o, err := o.normal()
	if err != nil {
		return nil, err
	}
	sealer, err := auth.NewSeal(o.SealKeys)
	if err != nil {
		return nil, err
	}
	c := &core{
		caller: o.Caller, seal: sealer, log: o.Log, metrics: o.Metrics,
		stopping: o.Stopping, askTimeout: o.AskTimeout, noElicitation: o.NoElicitation,
	}
	c.closing, c.endElicitations = context.WithCancel(context.Background())
	hooks := new(server.Hooks)
	hooks.AddOnError(c.rewriteError)
	c.mcp = server.NewMCPServer("intercom-mcp", o.Version,
		server.WithHooks(hooks),
		server.WithTitle("Intercom"),
		server.WithInstructions(instructions),
		server.WithToolCapabilities(o.ToolsChanged != nil),
		server.WithToolFilter(c.offered),
		server.WithCacheHints(listTTL, mcp.CacheScopePrivate),
		server.WithResourceCapabilities(false, false),
		server.WithExtensions(map[string]any{viewExtension: map[string]any{}}),
	)
	if o.logs {
		server.WithLogging()(c.mcp)
	}
	if err := c.register(o.Caller.Tools()); err != nil {
		return nil, err
	}
	c.addView()
	return c, nil
}

// register adds those of the tools that are not there yet: what the caller offers may change with its policy.
func (c *core) register(offered []tools.Tool) error {
	c.registering.Lock()
	defer c.registering.Unlock()
	registered := make(map[string]registeredTool)
	if known := c.tools.Load(); known != nil {
		registered = maps.Clone(*known)
	}
	var added []server.ServerTool
	for _, tool := range offered {
		if _, known := registered[tool.Name]; known {
			continue
		}
		schemas, err := schemasOf(tool)
		if err != nil {
			return err
		}
		registered[tool.Name] = registeredTool{schemas, tool.Effect, showsChange(&tool), annotations(tool), tool.BriefWith}
		added = append(added, server.ServerTool{Handler: c.call, Tool: mcp.Tool{Name: tool.Name, Title: tool.Title,
			Description: tool.Doc, RawInputSchema: anyObject, Annotations: annotations(tool)}})
	}
	if len(added) > 0 {
		c.mcp.AddTools(added...)
	}
	c.tools.Store(&registered)
	return nil
}

// registeredTool is what is known of a tool of the caller's.
type registeredTool struct {
	toolSchemas
	effect      policy.Effect
	view        bool // its answers are about one change
	annotations mcp.ToolAnnotation
	briefWith   []string
}

// inputIn is the schema of the arguments in a list of tools.
func (t *registeredTool) inputIn(list []mcp.Tool) json.RawMessage {
	for _, name := range t.briefWith {
		if !slices.ContainsFunc(list, func(other mcp.Tool) bool { return other.Name == name }) {
			return t.input
		}
	}
	if t.brief == nil {
		return t.input
	}
	return t.brief
}

// effect is that of a tool of the caller's, by a name that calls it.
func (c *core) effect(name string) (effect policy.Effect, known bool) {
	name, _ = calledTool(name)
	tool, known := (*c.tools.Load())[name]
	return tool.effect, known
}

// annotations sets all four hints, because an absent destructiveHint or openWorldHint counts as true. The world is
// open: what a CRM holds was written by customers.
func annotations(tool tools.Tool) mcp.ToolAnnotation {
	return mcp.ToolAnnotation{
		ReadOnlyHint:    mcp.ToBoolPtr(tool.Effect == policy.Read),
		DestructiveHint: mcp.ToBoolPtr(tool.Effect == policy.Destroy),
		IdempotentHint:  mcp.ToBoolPtr(tool.Effect == policy.Read || tool.Idempotent),
		OpenWorldHint:   mcp.ToBoolPtr(true),
	}
}

// offered keeps the tools that the principal's mode offers, and in a list those that the caller offers to whoever asks
// now: it refuses calls of others by itself. A list has the tools' schemas, too. mcp-go applies it to tools/list and to
// tools/call alike.
func (c *core) offered(ctx context.Context, all []mcp.Tool) []mcp.Tool {
	e := exchangeFrom(ctx)
	listed := make(map[string]bool)
	if e.lists {
		for _, tool := range c.caller.Offered(callerOf(ctx)) {
			listed[tool.Name] = true
		}
	}
	views := c.hasViews(ctx)
	all = slices.DeleteFunc(all, func(tool mcp.Tool) bool {
		effect, known := c.effect(tool.Name)
		name, inView := calledTool(tool.Name)
		return known && (!e.principal.Mode.Allows(effect) || e.lists && !listed[name]) || inView && !(known && views)
	})
	if e.lists {
		for i := range all {
			if tool, known := (*c.tools.Load())[all[i].Name]; known {
				all[i].RawInputSchema, all[i].RawOutputSchema = tool.inputIn(all), tool.output
			}
		}
		if views {
			c.nameViews(all)
		}
	}
	return all
}

// renew takes the tools over that the caller offers now, for a request that lists them.
func (c *core) renew(e *exchange) error {
	e.lists = true
	return c.register(c.caller.Tools())
}

// stripArguments returns a message as mcp-go is to have it, and leaves with the exchange what mcp-go has no use for or
// would change: the arguments of tools, which it would decode several times over, and the progress token.
func (c *core) stripArguments(e *exchange, m jsonrpc.Message) (json.RawMessage, error) {
	if token := m.Meta["progressToken"]; string(token) != "null" {
		e.progressToken = token
	}
	if m.Method == string(mcp.MethodToolsList) {
		if err := c.renew(e); err != nil {
			return nil, err
		}
	}
	var name string
	if m.Args == nil || json.Unmarshal(m.Params["name"], &name) != nil {
		return m.Inner()
	}
	e.args = m.Args
	return m.Outline()
}

// ask sends the protocol server one request and returns its result.
func (c *core) ask(ctx context.Context, request json.RawMessage) (json.RawMessage, error) {
	switch response := c.mcp.HandleMessage(ctx, request).(type) {
	case mcp.JSONRPCResponse:
		return json.Marshal(response.Result)
	case mcp.JSONRPCError:
		return nil, errors.New(response.Error.Message)
	default:
		return nil, errors.New("serve: no response")
	}
}
