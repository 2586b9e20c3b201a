package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// encodeResponse encodes what mcp-go answered, with a handler's own protocol error in place of mcp-go's.
func encodeResponse(m jsonrpc.Message, response mcp.JSONRPCMessage, failed *jsonrpc.Error) ([]byte, error) {
	if _, isError := response.(mcp.JSONRPCError); isError && failed != nil {
		return jsonrpc.ErrorResponse(m.ID, failed), nil
	}
	if whole, ok := response.(mcp.JSONRPCResponse); ok {
		switch result := whole.Result.(type) {
		case *mcp.CallToolResult:
			if isPlain(result) {
				return encodeResult(m.ID, result)
			}
		case mcp.ListToolsResult:
			line, err := encodeList(whole, result)
			return m.Outer(line), err
		}
	}
	line, err := json.Marshal(response)
	return m.Outer(line), err
}

// isPlain reports whether a result has nothing but what success puts in it, and mcp-go besides.
func isPlain(result *mcp.CallToolResult) bool {
	if len(result.Content) != 1 || len(result.RawStructuredContent) == 0 || result.IsError ||
		len(result.InputRequests) > 0 || result.RequestState != "" {
		return false
	}
	text, ok := result.Content[0].(mcp.TextContent)
	return ok && text.Meta == nil && text.Annotations == nil
}

// encodeResult encodes the response with a plain result as encoding/json does, to the byte. That goes over the
// structured content three times, to see that it is JSON and compact: it is.
func encodeResult(id json.RawMessage, result *mcp.CallToolResult) ([]byte, error) {
	text, err := json.Marshal(result.Content[0].(mcp.TextContent).Text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(text) + len(result.RawStructuredContent) + 512)
	out.WriteString(`{"jsonrpc":"2.0","id":`)
	out.Write(id)
	out.WriteString(`,"result":{`)
	if result.Meta != nil {
		meta, err := json.Marshal(result.Meta)
		if err != nil {
			return nil, err
		}
		out.WriteString(`"_meta":`)
		out.Write(meta)
		out.WriteByte(',')
	}
	out.WriteString(`"content":[{"type":"text","text":`)
	out.Write(text)
	out.WriteString(`}],`)
	if result.ResultType != "" {
		kind, err := json.Marshal(result.ResultType)
		if err != nil {
			return nil, err
		}
		out.WriteString(`"resultType":`)
		out.Write(kind)
		out.WriteByte(',')
	}
	out.WriteString(`"structuredContent":`)
	json.HTMLEscape(&out, result.RawStructuredContent)
	out.WriteString(`}}`)
	return out.Bytes(), nil
}

// encode puts the result into mcp-go's response, where that has a stand-in for it.
func (g *guard) encode(ctx context.Context, out *stream, m jsonrpc.Message) {
	result := exchangeFrom(ctx).stoodIn()
	if result == nil {
		return
	}
	body, err := encodeResult(m.ID, result)
	if err == nil && out.fill(body) {
		return
	}
	g.server.log.ErrorContext(ctx, "response not encoded", "method", m.Method, "err", err)
	out.replace(http.StatusInternalServerError, jsonrpc.ErrorResponse(m.ID, jsonrpc.Failed()))
}
