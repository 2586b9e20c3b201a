package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
)

// agent is an MCP client with a server of its own: this program, started as a child that speaks over its stdin and
// stdout, as desktop assistants do.
type agent struct {
	client *client.Client
	person atomic.Pointer[person] // nil: nobody is there
}

// person sits in front of the agent during a call.
type person struct {
	answer func(question string) bool // says yes or no to the server's question
	follow func(terminal.Progress)    // sees the progress of the call
}

// startAgent starts a server that works in the demo's workspace with further flags, and initializes the session with
// it.
func (d *demo) startAgent(ctx context.Context, flags []string) (*agent, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	a := &agent{}
	pipe := transport.NewStdioWithOptions(program, nil,
		append([]string{"stdio", "--base-url", d.URL, "--state", d.statePath(), "--log-level", "error"}, flags...),
		transport.WithCommandStderrWriter(d.Log), transport.WithCommandFunc(ownEnvironment))
	a.client = client.NewClient(pipe, client.WithElicitationHandler(a))
	if err := a.client.Start(ctx); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	a.client.OnNotification(a.notified)
	hello := mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION,
		ClientInfo:      mcp.Implementation{Name: "intercom-mcp-demo", Version: d.Version},
	}}
	if _, err := a.client.Initialize(ctx, hello); err != nil {
		_ = a.client.Close() // of a server that did not even begin
		return nil, fmt.Errorf("initializing the session: %w", err)
	}
	return a, nil
}

// ownEnvironment starts a child that sees none of this process's INTERCOM_ variables, so that no setting of the
// user's, and no token, gets into the demo.
func ownEnvironment(ctx context.Context, command string, _, args []string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Env = []string{"INTERCOM_ACCESS_TOKEN=demo"}
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "INTERCOM_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	return cmd, nil
}

// Elicit implements mcp-go's handler: the server's question goes to the person.
func (a *agent) Elicit(_ context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	response := mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionDecline}
	if person := a.person.Load(); person != nil && person.answer(request.Params.Message) {
		response = mcp.ElicitationResponse{
			Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": true},
		}
	}
	return &mcp.ElicitationResult{ElicitationResponse: response}, nil
}

// notified shows the server's progress to the person.
func (a *agent) notified(notification mcp.JSONRPCNotification) {
	person := a.person.Load()
	if person == nil || notification.Method != "notifications/progress" {
		return
	}
	fields := notification.Params.AdditionalFields
	done, _ := fields["progress"].(float64)
	total, _ := fields["total"].(float64)
	message, _ := fields["message"].(string)
	person.follow(terminal.Progress{Done: int(done), Total: int(total), Message: message})
}

// tools lists the server's tools, those that only read apart from the others.
func (a *agent) tools(ctx context.Context) (reads, writes []string, err error) {
	listed, err := a.client.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return nil, nil, fmt.Errorf("listing the tools: %w", err)
	}
	for _, tool := range listed.Tools {
		if hint := tool.Annotations.ReadOnlyHint; hint != nil && *hint {
			reads = append(reads, tool.Name)
		} else {
			writes = append(writes, tool.Name)
		}
	}
	return reads, writes, nil
}

// call calls a tool, and returns what the model reads. The error is the protocol's; failed is the tool's.
func (a *agent) call(ctx context.Context, tool string, args any) (text string, failed bool, err error) {
	result, err := a.client.CallTool(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: tool, Arguments: args, Meta: &mcp.Meta{ProgressToken: tool},
	}})
	if err != nil {
		return "", false, err
	}
	for _, content := range result.Content {
		if part, ok := content.(mcp.TextContent); ok {
			text += part.Text
		}
	}
	return text, result.IsError, nil
}

// ask calls a tool that must succeed, and reads its answer into answer.
func (a *agent) ask(ctx context.Context, tool string, args, answer any) error {
	text, failed, err := a.call(ctx, tool, args)
	switch {
	case err != nil:
		return fmt.Errorf("calling %s: %w", tool, err)
	case failed:
		return fmt.Errorf("calling %s: %s", tool, text)
	}
	if err := json.Unmarshal([]byte(text), answer); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", tool, err)
	}
	return nil
}
