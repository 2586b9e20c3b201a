// Package jsonrpc reads and writes the messages of JSON-RPC 2.0 as the Model Context Protocol uses it.
//
// What may live here: what a message is, what of it is refused before mcp-go sees a byte ([Read]), what an id is known
// by ([IDKey]), errors and notifications as they are written, and messages as lines of a stream ([LineReader],
// [LineWriter]). Nothing here answers a message, or knows a session, a transport or a tool.
//
// The algorithm: a message passes [strictjson.Members] once, which splits it and its params into members that keep the
// bytes they were sent in. Reading then refuses what readers take for different things: keys in another case, several
// kinds of message in one, ids that do not survive being decoded. A message that is refused may still name the request
// that waits: an id finder looks for brackets and quotes alone, since what it looks at may be broken, or too long to
// be held.
//
// What is not guaranteed: that params have the shape which their method wants; mcp-go and the handlers see to that. A
// refused message that is broken may have no id, but never another's.
package jsonrpc
