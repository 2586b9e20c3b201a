package tools

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// Call is one tool call, from whatever transport.
type Call struct {
	Tool      string
	Args      json.RawMessage // a JSON object; empty means {}
	Scanned   bool            // Args were part of a text that passed [strictjson.Check]
	Principal string          // who asks; never empty
	Person    policy.Person   // who that is, where it is known; notes are signed by their e-mail, where it is vouched for
	Roles     []string        // what the principal is to the policy, and to the changes of others; approver does not count
	Client    string          // what the caller's program calls itself; "" where it does not say
	Mode      policy.Mode     // the widest effect of the caller's token; "" where none bounds it
	// Operator lets the call see, stop and undo the changes of any principal, whatever Roles say: a person at the command
	// line asks for that.
	Operator bool
	// ByHand is how a person makes the call by hand, on the command line: what it cancels is on record as theirs, and its
	// errors say what they can do, as user and operator in one. Its process may be the only one, so that the call takes
	// up what another left, and waits for the end of its work. Empty where an agent makes it.
	ByHand string
	// CanAsk tells that the caller's client can put a question to its user
	// (MCP form elicitation), so that a change may wait for that answer.
	CanAsk bool
	// Agrees tells that the caller says yes at once to whatever is asked, so that the time that is told runs from now on.
	Agrees bool
	// Views tells that the caller's client shows views of changes (MCP Apps), and InView that such a view makes the call:
	// nothing proves either, so that it counts for what the policy says.
	Views, InView bool
	// Answer is the user's answer to the Ask that an earlier run of this very call returned; nil on the first run.
	Answer *Answer
	// Patience is how long the call waits for the end of the work that it begins, or joins; 0: as long as it has time.
	Patience time.Duration
	// Progress, when not nil, is told how far a long call has come. It is never
	// called concurrently, nor after Call returned.
	Progress func(Progress)
}

// Progress is how far a call has come: Done of Total items. Before a write is begun, it is Looked at so many contacts,
// and Done is 0.
type Progress struct {
	Done, Total, Looked int
	Message             string
}

// Ask is a question to the user, put before a change may be applied. The
// caller puts it, and repeats the same call with the [Answer].
type Ask struct {
	Change  string    // the change that waits for the answer
	Binding string    // ties the answer to this very call; to be handed back
	Message string    // what the user is to read: the preview
	Expires time.Time // after which the answer comes too late
}

// Answer is what the user said to an [Ask].
type Answer struct {
	Change  string // from the Ask
	Binding string // from the Ask
	Action  Action
	// Via is the method that the record has of the answer: how it was given, or
	// the flag that stood for it. Empty means elicitation.
	Via string
}

// Action is how the user answered, in the words of MCP's elicitation.
type Action string

// The three answers. Accept means that the user confirmed the change.
const (
	Accept  Action = "accept"
	Decline Action = "decline"
	Cancel  Action = "cancel" // neither yes nor no: the change still waits
)

// Result is what a call comes to: an Ask, an error for the model (Err), or an
// answer (JSON). Exactly one of the three is set.
type Result struct {
	JSON json.RawMessage // the structured answer; its bytes are also the text
	Err  *toolerr.Error  // a failure that the agent can act on
	Ask  *Ask            // a question to put to the user first
	// Waits is, of an answer, the handle of the change that waits for approvers; see [Pipeline.AwaitDecision].
	Waits string
	Meta  map[string]any // for MCP's _meta
}

// Caller is the pipeline as the transports see it.
type Caller interface {
	// Tools lists what may be called by anyone, in the order in which it is listed.
	Tools() []Tool
	// Offered lists those of the tools that whoever makes such a call may call; its tool and arguments do not count.
	Offered(call Call) []Tool
	// Call runs one call. The error is for calls that no tool can answer:
	// ErrUnknownTool, ErrBadAnswer. Everything else is a Result.
	Call(ctx context.Context, call Call) (Result, error)
	// Refused is told of a call that the transport refused by itself, such as for a token that is too narrow: the audit
	// trail has those of writes, by the reason.
	Refused(ctx context.Context, call Call, reason string)
}

// The errors that are no tool results, but protocol errors.
var (
	// ErrUnknownTool: no tool of that name is listed.
	ErrUnknownTool = errors.New("unknown tool")
	// ErrBadAnswer: the answer belongs to no question that was asked.
	ErrBadAnswer = errors.New("the answer belongs to no open question")
)
