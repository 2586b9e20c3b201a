package serve

import (
	"bytes"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
)

// noTools is how encoding/json writes the list of tools of a result that has none. No text in JSON holds it, since its
// quotes would be escaped there.
var noTools = []byte(`"tools":[]`)

// encodeList encodes a response with a list of tools as encoding/json does, to the byte. That makes a map of each tool,
// and goes over its schemas four times, to see that they are JSON and compact: they are.
func encodeList(response mcp.JSONRPCResponse, result mcp.ListToolsResult) ([]byte, error) {
	listed := result.Tools
	if len(listed) == 0 {
		return json.Marshal(response)
	}
	result.Tools = []mcp.Tool{}
	response.Result = result
	around, err := json.Marshal(response)
	if err != nil {
		return nil, err
	}
	before, after, _ := bytes.Cut(around, noTools)
	size := len(around)
	for i := range listed {
		size += len(listed[i].Description) + len(listed[i].RawInputSchema) + len(listed[i].RawOutputSchema) + 256
	}
	var out bytes.Buffer
	out.Grow(size)
	out.Write(before)
	out.WriteString(`"tools":`)
	for i := range listed {
		out.WriteByte("[,"[min(i, 1)])
		if err := encodeTool(&out, &listed[i]); err != nil {
			return nil, err
		}
	}
	out.WriteByte(']')
	out.Write(after)
	return out.Bytes(), nil
}

// encodeTool encodes a tool. One that has more, or less, than the tools of the catalogue is left to mcp-go.
func encodeTool(out *bytes.Buffer, t *mcp.Tool) error {
	if t.Title == "" || t.Description == "" || t.RawInputSchema == nil || t.RawOutputSchema == nil || t.Meta != nil ||
		t.DeferLoading || t.Icons != nil || t.Execution != nil {
		whole, err := json.Marshal(t)
		out.Write(whole)
		return err
	}
	annotations, err := json.Marshal(t.Annotations)
	if err != nil {
		return err
	}
	var texts [3]json.RawMessage
	for i, text := range []string{t.Description, t.Name, t.Title} {
		if texts[i], err = json.Marshal(text); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		key   string
		value json.RawMessage
	}{
		{`{"annotations":`, annotations}, {`,"description":`, texts[0]}, {`,"inputSchema":`, t.RawInputSchema},
		{`,"name":`, texts[1]}, {`,"outputSchema":`, t.RawOutputSchema}, {`,"title":`, texts[2]},
	} {
		out.WriteString(part.key)
		out.Write(part.value)
	}
	out.WriteByte('}')
	return nil
}
