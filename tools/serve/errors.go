package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/schemas"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// rewriteError puts errors of ours in the place of those that mcp-go gives to requests that it cannot take: its own
// speak of Go's types, and say twice that a tool was not found. It is a [server.OnErrorHookFunc].
func (c *core) rewriteError(ctx context.Context, _ any, method mcp.MCPMethod, request any, err error) {
	e := exchangeFrom(ctx)
	var unparsable *server.UnparsableMessageError
	switch call, isCall := request.(*mcp.CallToolRequest); {
	case errors.As(err, &unparsable):
		_ = e.fail(jsonrpc.InvalidParams(describeTypeError(method, err)))
	case errors.Is(err, server.ErrToolNotFound) && isCall:
		_ = e.fail(c.notOffered(e, e.principal, call.Params.Name))
	}
}

// describeTypeError says which member of the params has the wrong type.
func describeTypeError(method mcp.MCPMethod, err error) string {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		path := slices.DeleteFunc(strings.Split(mismatch.Field, "."), func(part string) bool {
			return part == "" || unicode.IsUpper(rune(part[0])) // the name of an embedded Go type
		})
		if kind := kindOf(mismatch.Type); len(path) > 0 && kind != "" {
			return strings.Join(path, ".") + " must be " + kind
		}
	}
	return fmt.Sprintf("the params of %s do not have the shape that the protocol gives them", method)
}

// kindOf names a type in the words of JSON, or is empty.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Pointer:
		return kindOf(t.Elem())
	}
	if t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64 {
		return "a number"
	}
	return ""
}

// unknownTool is the error for a tool that the principal is not offered. For one that exists it suggests no other.
func (c *core) unknownTool(who auth.Principal, name string) *jsonrpc.Error {
	if name == "" {
		return jsonrpc.InvalidParams("params.name is missing: it names the tool to call")
	}
	if slices.ContainsFunc(tools.Catalogue(), func(t tools.Tool) bool { return t.Name == name }) {
		return jsonrpc.InvalidParams(fmt.Sprintf("the tool %q is not offered here", name))
	}
	var offered []string
	for _, tool := range c.caller.Tools() {
		if who.Mode.Allows(tool.Effect) {
			offered = append(offered, tool.Name)
		}
	}
	text := fmt.Sprintf("there is no tool %.64q", name)
	if near := schemas.Nearest(name, offered, 1); len(near) > 0 {
		return jsonrpc.InvalidParams(text + "; did you mean " + near[0] + "?")
	}
	return jsonrpc.InvalidParams(text + "; tools/list shows what there is")
}
