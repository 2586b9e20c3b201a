package serve

import (
	"context"
	_ "embed"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// The names of the extension MCP Apps, version 2026-01-26
// (https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx).
const (
	viewExtension = "io.modelcontextprotocol/ui"
	viewType      = "text/html;profile=mcp-app"
	viewURI       = "ui://intercom-mcp/change"
)

// confirmInView is confirm_change under the name by which the view of a change calls it. Hosts keep it from the model;
// nothing here can tell whether they do, so that it proves no more than the policy says: see [tools.Call.InView].
const (
	confirmInView = "confirm_in_view"
	confirmChange = "confirm_change"
)

// viewHTML is the view of a change: one document, which takes nothing from the network.
//
//go:embed view.html
var viewHTML string

// addView offers the view of a change to clients that show views.
func (c *core) addView() {
	resource := mcp.NewResource(viewURI, "change", mcp.WithMIMEType(viewType))
	resource.Title, resource.Description = "A change", "What a change does, how far it is, and what became of it."
	c.mcp.AddResource(resource, func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return []mcp.ResourceContents{mcp.TextResourceContents{
			URI: viewURI, MIMEType: viewType, Text: viewHTML,
			Meta: map[string]any{"ui": map[string]any{"prefersBorder": true}},
		}}, nil
	})
	c.mcp.AddTools(server.ServerTool{Handler: c.call, Tool: mcp.Tool{
		Name: confirmInView, Title: "Confirm a change in its view", Description: "For the view of a change.",
		RawInputSchema: anyObject,
	}})
}

// hasViews reports whether the request's client shows views.
func (c *core) hasViews(ctx context.Context) bool {
	settings, declared := declared(ctx).Extensions[viewExtension].(map[string]any)
	if !declared {
		return false
	}
	types, ok := settings["mimeTypes"].([]any)
	return !ok || slices.Contains(types, any(viewType))
}

// calledTool is the tool of the catalogue that a name calls, and whether the name is the view's.
func calledTool(name string) (tool string, inView bool) {
	if name == confirmInView {
		return confirmChange, true
	}
	return name, false
}

// nameViews has the tools of a list whose answers are about one change name its view.
func (c *core) nameViews(list []mcp.Tool) {
	known := *c.tools.Load()
	for i := range list {
		switch tool := known[list[i].Name]; {
		case list[i].Name == confirmInView:
			like := known[confirmChange]
			list[i].RawInputSchema, list[i].RawOutputSchema = like.input, like.output
			list[i].Annotations, list[i].Meta = like.annotations, viewMeta("app")
		case tool.view:
			list[i].Meta = viewMeta("model", "app")
		}
	}
}

// viewMeta names the view for a tool that these may call.
func viewMeta(visibility ...string) *mcp.Meta {
	return mcp.NewMetaFromMap(map[string]any{
		"ui": map[string]any{"resourceUri": viewURI, "visibility": visibility},
	})
}

// showsChange reports whether a tool answers with one change, which the view shows.
func showsChange(tool *tools.Tool) bool {
	return tool.Effect != policy.Read || tool.Name == "get_change"
}
