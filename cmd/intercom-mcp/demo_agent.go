package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools"
)

// demoAgent is an MCP client with a server of its own: this program, started
// as a child that speaks over its stdin and stdout, as desktop assistants do.
type demoAgent struct {
	client *client.Client

	mu       sync.Mutex
	user     func(question string) bool // answers the server's questions
	progress func(tools.Progress)       // told how far a call has come
}

// startAgent starts the server with args and env, and shakes hands with it.
// Its log goes to stderr.
func startAgent(ctx context.Context, stderr io.Writer, env []string, args ...string) (*demoAgent, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	a := &demoAgent{}
	pipe := transport.NewStdioWithOptions(program, env, args,
		transport.WithCommandStderrWriter(stderr), transport.WithCommandFunc(ownEnvironment))
	a.client = client.NewClient(pipe, client.WithElicitationHandler(a))
	if err := a.client.Start(ctx); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	a.client.OnNotification(a.notified)
	hello := mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION,
		ClientInfo:      mcp.Implementation{Name: "intercom-mcp-demo", Version: thisBuild().version},
	}}
	if _, err := a.client.Initialize(ctx, hello); err != nil {
		return nil, fmt.Errorf("shaking hands with the server: %w", joinClose(err, a))
	}
	return a, nil
}

// ownEnvironment starts a child that sees nothing of this process's INTERCOM_
// variables, so that no setting of the user's, and no token, gets into the demo.
func ownEnvironment(ctx context.Context, command string, env, args []string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, command, args...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "INTERCOM_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd, nil
}

// close ends the server, by closing its stdin, and waits for it.
func (a *demoAgent) close() error {
	if err := a.client.Close(); err != nil {
		return fmt.Errorf("ending the server: %w", err)
	}
	return nil
}

// joinClose closes a after err, which stays the error.
func joinClose(err error, a *demoAgent) error {
	if closing := a.close(); closing != nil {
		return fmt.Errorf("%w (and %w)", err, closing)
	}
	return err
}

// listen sets who answers questions and who is told of progress from now on.
func (a *demoAgent) listen(user func(question string) bool, progress func(tools.Progress)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.user, a.progress = user, progress
}

// Elicit implements mcp-go's handler: the server's question goes to the user.
func (a *demoAgent) Elicit(_ context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	a.mu.Lock()
	user := a.user
	a.mu.Unlock()
	response := mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionDecline}
	if user != nil && user(request.Params.Message) {
		response = mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept, Content: map[string]any{"confirm": true}}
	}
	return &mcp.ElicitationResult{ElicitationResponse: response}, nil
}

// notified hands the server's progress on.
func (a *demoAgent) notified(notification mcp.JSONRPCNotification) {
	if notification.Method != "notifications/progress" {
		return
	}
	fields := notification.Params.AdditionalFields
	done, _ := fields["progress"].(float64)
	total, _ := fields["total"].(float64)
	message, _ := fields["message"].(string)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.progress != nil {
		a.progress(tools.Progress{Done: int(done), Total: int(total), Message: message})
	}
}

// tools lists the server's tools, those that only look apart from the others.
func (a *demoAgent) tools(ctx context.Context) (looks, writes []string, err error) {
	listed, err := a.client.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return nil, nil, fmt.Errorf("listing the tools: %w", err)
	}
	for _, tool := range listed.Tools {
		if hint := tool.Annotations.ReadOnlyHint; hint != nil && *hint {
			looks = append(looks, tool.Name)
		} else {
			writes = append(writes, tool.Name)
		}
	}
	return looks, writes, nil
}

// reply is a tool's answer as the agent gets it.
type reply struct {
	text   string // what the model reads
	failed bool   // the text tells what is wrong
}

// call calls a tool. The error is the protocol's, not the tool's.
func (a *demoAgent) call(ctx context.Context, tool string, args any) (reply, error) {
	result, err := a.client.CallTool(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: tool, Arguments: args, Meta: &mcp.Meta{ProgressToken: tool},
	}})
	if err != nil {
		return reply{}, err
	}
	var text strings.Builder
	for _, content := range result.Content {
		if part, ok := content.(mcp.TextContent); ok {
			text.WriteString(part.Text)
		}
	}
	return reply{text: text.String(), failed: result.IsError}, nil
}

// ask calls a tool whose answer is read into answer.
func (a *demoAgent) ask(ctx context.Context, tool string, args, answer any) error {
	reply, err := a.call(ctx, tool, args)
	if err != nil {
		return fmt.Errorf("calling %s: %w", tool, err)
	}
	if reply.failed {
		return fmt.Errorf("calling %s: %s", tool, reply.text)
	}
	if err := json.Unmarshal([]byte(reply.text), answer); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", tool, err)
	}
	return nil
}
