package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// deciding are the headers that decide about a request, each of which is there once: who reads the first and who reads
// the last would decide otherwise. Of Host and Content-Length net/http sees to that.
var deciding = []string{
	"Origin", "Sec-Fetch-Site", "Authorization", "Content-Type", "Content-Encoding",
	mcp.HeaderSessionID, mcp.HeaderProtocolVersion, mcp.HeaderMethod, mcp.HeaderName,
}

// repeated returns a deciding header that is there more than once, or "".
func repeated(header http.Header) string {
	for _, name := range deciding {
		if len(header[name]) > 1 {
			return name
		}
	}
	return ""
}

// compareHeaders refuses a request of a sessionless revision whose headers say another thing than its body. mcp-go
// compares them too, once it has decoded the whole message several times over.
//
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
func compareHeaders(header http.Header, m jsonrpc.Message) *refusal {
	var stated string
	stands := header.Get(mcp.HeaderProtocolVersion)
	if m.Kind != jsonrpc.KindRequest || stands == "" || json.Unmarshal(m.Meta[mcp.MetaKeyProtocolVersion],
		&stated) != nil {
		return nil // mcp-go tells what is missing
	}
	if stated != stands {
		return mismatch(mcp.HeaderMismatchError{Header: mcp.HeaderProtocolVersion,
			Reason: fmt.Sprintf("header value %q does not match body value %q", stands, stated)})
	}
	named := make(map[string]json.RawMessage, 2)
	for _, key := range []string{"name", "uri"} {
		if value, ok := m.Params[key]; ok {
			named[key] = value
		}
	}
	params, err := json.Marshal(named)
	if err == nil {
		err = mcp.ValidateStandardHeaders(header.Get, stands, mcp.MCPMethod(m.Method), params)
	}
	return mismatch(err)
}

// mismatch makes a refusal of an error of headers, nil of any other.
func mismatch(err error) *refusal {
	var wrong mcp.HeaderMismatchError
	if !errors.As(err, &wrong) {
		return nil
	}
	return &refusal{http.StatusBadRequest, &jsonrpc.Error{Code: mcp.HEADER_MISMATCH, Message: wrong.Error()}}
}

// accepted tells which responses a client takes by its Accept headers. One that sends none takes both, though the
// protocol wants clients to list both. What cannot be read counts for nothing.
func accepted(header http.Header) (plain, stream bool) {
	accept := strings.Join(header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return true, true
	}
	for item := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		if weight, err := strconv.ParseFloat(params["q"], 64); err == nil && weight <= 0 {
			continue // not acceptable, says RFC 9110
		}
		switch media {
		case "*/*":
			plain, stream = true, true
		case "application/json", "application/*":
			plain = true
		case "text/event-stream", "text/*":
			stream = true
		}
	}
	return plain, stream
}

// unacceptable refuses a request whose client takes no response that there is.
func unacceptable(header http.Header) *refusal {
	if plain, stream := accepted(header); plain || stream {
		return nil
	}
	return refuse(http.StatusNotAcceptable,
		"responses are application/json or text/event-stream; the Accept header allows neither")
}
