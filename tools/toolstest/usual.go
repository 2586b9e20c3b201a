package toolstest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed usual_calls.json
var usualCalls []byte

// Call is a usual call of a tool in the sandbox's default workspace, whose ids are always the same. The calls of a tool
// that does not destroy can be made one after the other.
type Call struct {
	Tool  string          `json:"tool"`
	Args  json.RawMessage `json:"args"`
	After *Call           `json:"after"` // a call to make before; {change} in Args stands for the change that it led to
	Waits bool            `json:"waits"` // for the agent's yes, under the built-in policy
	Shows []string        `json:"shows"` // texts that the answer holds
}

// UsualCalls reads the usual calls, in the order of the file. It panics where the file is not well formed.
func UsualCalls() []Call {
	decoder := json.NewDecoder(bytes.NewReader(usualCalls))
	decoder.DisallowUnknownFields()
	var calls []Call
	if err := decoder.Decode(&calls); err != nil {
		panic(fmt.Sprintf("usual_calls.json: %v", err))
	}
	return calls
}
