//go:build conformance

package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// Files that the suite wants to see again.
const (
	fixtureImage = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
	fixtureAudio = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
)

// Options declare the capabilities that the fixtures have.
func Options() []server.ServerOption {
	return []server.ServerOption{
		server.WithResourceCapabilities(true, false),
		server.WithPromptCapabilities(false),
		server.WithCompletions(),
		server.WithLogging(),
	}
}

// fixture is the handler of a fixture tool.
type fixture func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error)

// set registers fixtures with a server.
type set struct {
	server *server.MCPServer
	host   Host
}

// Register adds all fixtures to a server of the host's.
func Register(s *server.MCPServer, host Host) {
	c := set{s, host}
	for name, handler := range map[string]fixture{
		"test_simple_text":   contentFixture(mcp.NewTextContent("This is a simple text response for testing.")),
		"test_image_content": contentFixture(mcp.NewImageContent(fixtureImage, "image/png")),
		"test_audio_content": contentFixture(mcp.NewAudioContent(fixtureAudio, "audio/wav")),
		"test_embedded_resource": contentFixture(embedded("test://embedded-resource", "text/plain",
			"This is an embedded resource content.")),
		"test_multiple_content_types": contentFixture(mcp.NewTextContent("Multiple content types test:"),
			mcp.NewImageContent(fixtureImage, "image/png"), embedded("test://mixed-content-resource", "application/json",
				`{"test":"data","value":123}`)),
		"test_error_handling":     errorFixture,
		"test_tool_with_progress": c.progress,
		"test_tool_with_logging":  c.logging,
		"test_logging_tool":       c.logging,
		"test_missing_capability": c.capability,
	} {
		c.add(name, `{"type":"object","properties":{},"additionalProperties":false}`, handler)
	}
	c.registerElicitations()
	c.registerPrompts()
	c.registerResources()
}

// add registers one fixture tool behind the caps of the real ones.
func (c set) add(name, schema string, handler fixture) {
	c.server.AddTool(mcp.Tool{
		Name: name, Description: "A fixture of the conformance suite.", RawInputSchema: json.RawMessage(schema),
	}, func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		free, busy := c.host.Admit(ctx)
		if busy != nil {
			return busy, nil
		}
		defer free()
		return handler(ctx, request)
	})
}

func embedded(uri, mimeType, text string) mcp.Content {
	return mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: uri, MIMEType: mimeType, Text: text})
}

// contentFixture answers with fixed content.
func contentFixture(content ...mcp.Content) fixture {
	return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: content}, nil
	}
}

func errorFixture(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
}

// fixturePause is what the suite wants between two notifications.
const fixturePause = 50 * time.Millisecond

// pause waits, or returns the context's error.
func pause(ctx context.Context) error {
	select {
	case <-time.After(fixturePause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c set) progress(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	for _, done := range []int{0, 50, 100} {
		if meta := request.Params.Meta; meta != nil && meta.ProgressToken != nil {
			c.host.Notify(ctx, string(mcp.MethodNotificationProgress), map[string]any{"progressToken": meta.ProgressToken,
				"progress": done, "total": 100})
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText("progress reported"), nil
}

// logging logs at level info, in a sessionless revision only where the request asks for it.
func (c set) logging(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	info := server.RequestProtocolInfoFromContext(ctx)
	silent := info != nil && info.Modern && !mcp.LoggingLevelInfo.ShouldSendTo(info.LogLevel)
	for _, text := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if !silent {
			c.host.Notify(ctx, string(mcp.MethodNotificationMessage), map[string]any{"level": mcp.LoggingLevelInfo,
				"data": text})
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText("Tool with logging executed successfully"), nil
}

// capability needs sampling, which a client must have declared.
func (c set) capability(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if c.host.Capabilities(ctx).Sampling == nil {
		return nil, c.host.Fail(ctx, &jsonrpc.Error{
			Code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, Message: "this tool needs the capability sampling",
			Data: map[string]any{"requiredCapabilities": map[string]any{"sampling": struct{}{}}},
		})
	}
	return mcp.NewToolResultText("sampling is declared"), nil
}

// registerPrompts adds the prompts.
func (c set) registerPrompts() {
	c.server.AddPrompt(mcp.NewPrompt("test_simple_prompt", mcp.WithPromptDescription("A prompt without arguments.")),
		promptFixture(func(map[string]string) []mcp.Content {
			return []mcp.Content{mcp.NewTextContent("This is a simple prompt for testing.")}
		}))
	c.server.AddPrompt(mcp.NewPrompt("test_prompt_with_arguments", mcp.WithPromptDescription("A prompt with arguments."),
		mcp.WithArgument("arg1", mcp.ArgumentDescription("First test argument."), mcp.RequiredArgument()),
		mcp.WithArgument("arg2", mcp.ArgumentDescription("Second test argument."), mcp.RequiredArgument())),
		promptFixture(func(args map[string]string) []mcp.Content {
			return []mcp.Content{mcp.NewTextContent(fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", args["arg1"],
				args["arg2"]))}
		}))
	c.server.AddPrompt(mcp.NewPrompt("test_prompt_with_embedded_resource",
		mcp.WithPromptDescription("A prompt with a resource."),
		mcp.WithArgument("resourceUri", mcp.ArgumentDescription("The resource to embed."), mcp.RequiredArgument())),
		promptFixture(func(args map[string]string) []mcp.Content {
			return []mcp.Content{
				embedded(args["resourceUri"], "text/plain", "Embedded resource content for testing."),
				mcp.NewTextContent("Please process the embedded resource above."),
			}
		}))
	c.server.AddPrompt(mcp.NewPrompt("test_prompt_with_image", mcp.WithPromptDescription("A prompt with an image.")),
		promptFixture(func(map[string]string) []mcp.Content {
			return []mcp.Content{mcp.NewImageContent(fixtureImage, "image/png"),
				mcp.NewTextContent("Please analyze the image above.")}
		}))
	c.server.AddPrompt(mcp.NewPrompt("test_input_required_result_prompt",
		mcp.WithPromptDescription("A prompt that asks first.")), promptThatAsks)
}

// promptFixture answers with one message of the user for each content.
func promptFixture(contents func(args map[string]string) []mcp.Content) server.PromptHandlerFunc {
	return func(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		var messages []mcp.PromptMessage
		for _, content := range contents(request.Params.Arguments) {
			messages = append(messages, mcp.NewPromptMessage(mcp.RoleUser, content))
		}
		return mcp.NewGetPromptResult("", messages), nil
	}
}

// registerResources adds the resources.
func (c set) registerResources() {
	c.server.AddResource(mcp.NewResource("test://static-text", "static-text", mcp.WithMIMEType("text/plain")),
		resourceFixture(
			func(uri string) mcp.ResourceContents {
				return mcp.TextResourceContents{URI: uri, MIMEType: "text/plain",
					Text: "This is the content of the static text resource."}
			}))
	c.server.AddResource(mcp.NewResource("test://static-binary", "static-binary", mcp.WithMIMEType("image/png")),
		resourceFixture(
			func(uri string) mcp.ResourceContents {
				return mcp.BlobResourceContents{URI: uri, MIMEType: "image/png", Blob: fixtureImage}
			}))
	c.server.AddResourceTemplate(mcp.NewResourceTemplate("test://template/{id}/data", "template",
		mcp.WithTemplateMIMEType("application/json")),
		server.ResourceTemplateHandlerFunc(resourceFixture(func(uri string) mcp.ResourceContents {
			id := strings.TrimSuffix(strings.TrimPrefix(uri, "test://template/"), "/data")
			return mcp.TextResourceContents{URI: uri, MIMEType: "application/json",
				Text: fmt.Sprintf(`{"id":%q,"templateTest":true,"data":%q}`, id, "Data for ID: "+id)}
		})))
}

func resourceFixture(contents func(uri string) mcp.ResourceContents) server.ResourceHandlerFunc {
	return func(_ context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return []mcp.ResourceContents{contents(request.Params.URI)}, nil
	}
}
