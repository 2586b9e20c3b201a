// Package tools holds the catalogue: everything an agent can do in Intercom, one file per Intercom resource, and the
// one pipeline that every call runs through, whatever transport it came by.
//
// What may live here: tools and their typed inputs and outputs, the planning of changes, what the policy is asked about
// them, tables in and out, and what the pages for people show and do ([Console]). Changes are carried out in
// internal/engine, references resolved in internal/directory, answers worded in internal/render. Nothing here knows
// MCP: the serve room turns calls and results into protocol messages.
//
// # A call
//
// [Pipeline.Call] scans and validates the arguments, and has the tool's [Runner] answer. A reader asks Intercom and
// shapes a table or a record. A planner works out what would be written, target by target with what is there before,
// and writes nothing: the rest is the pipeline's, so that no tool can skip it. The policy decides in the store's
// transaction that records the change, knowing what else was written and declined lately, so that concurrent calls of
// any number of servers share the limits. What is allowed starts in that very step; what waits is put to the user by an
// [Ask], to the agent by its preview, or to people in the console, and is decided about once more when the yes comes.
// The engine applies the change, reads it back and records outcomes; the answer is made of the record, the same for
// every caller.
//
// # Masks
//
// What the policy masks is shown as masking leaves it, and is neither searched for, sorted nor counted by. What the
// caller gave is shown in full. Nothing that depends on what a masked field held leaves before a person's yes: see
// internal/engine and internal/render.
//
// # Not guaranteed
//
// An answer may come after the call's time with the change still running: get_change tells. A plan holds what was read
// when it was made, of many contacts by Intercom's search, which lags. That the client asked its user is the client's
// word.
package tools
