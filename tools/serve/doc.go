// Package serve puts the catalogue of tools on the wire: the Model Context Protocol over stdio and over Streamable
// HTTP, in both kinds of its revisions. In the session-based ones (up to 2025-11-25) a client calls initialize and then
// sends requests in a session; in the sessionless one (2026-07-28) each request declares for itself what its client can
// do.
//
// What may live here: registration with mcp-go, the two transports (HTTP also as a [Handler] of another program), the
// guard in front of them (limits, Host and Origin, sessions), elicitation, and metrics. Messages live in
// internal/jsonrpc, principals and what a client carries for the server in internal/auth, the fixtures of the
// conformance suite in internal/conformance. This is the only package that imports mcp-go's server, and the place for
// whatever mcp-go needs worked around. Nothing here knows Intercom, or decides anything about a change: calls go to a
// [tools.Caller].
//
// The algorithm: a transport reads a message strictly and refuses it or makes an exchange for it, through which
// everything goes to the client ahead of the response; mcp-go then dispatches the message without the arguments of its
// tool, and the handler takes those from the exchange.
//
// What is not guaranteed: a notification reaches a client only where it takes a stream, and a response only where the
// connection holds; whether a change was made is always to be looked up with get_change.
//
// # Defects of mcp-go v1.2.1 that this package works around
//
// Each with its upstream report, where one was found, and what can go once it is mended. Last compared in November
// 2026.
//
//   - Notifications of a handler are lost on HTTP: the forwarder races with the response
//     (https://github.com/mark3labs/mcp-go/pull/969, open). With #969 the exchange still has to keep the progress of
//     concurrent requests of one session apart, which share one channel (no report): both mended,
//     exchange.notifications and the events of stream go.
//   - On stdio notifications are written by another goroutine, mostly after the response, which the protocol forbids
//     for progress (no report). Requests other than tools/call run on the read loop, so that one which blocks keeps
//     a cancellation from being read (https://github.com/mark3labs/mcp-go/issues/976, pull/977, open). The end of
//     input cancels what is under way instead of answering it, elicitations are written without the lock of the
//     writer, and the session is a variable of the process, which two servers share (no reports). All mended,
//     stdio.go, stdio_session.go and the line reader and writer of internal/jsonrpc go, but for the bounds on lines,
//     queue and drain.
//   - Cancellation finds requests by session and id as text: the ids 3 and "3" are the same, and requests of
//     sessionless revisions share the session "", so that a client can cancel the request of another by guessing its
//     id (no report). Mended, session.start, session.cancel, stdio.cancel and intercept go. Until then its own does
//     not suffice.
//   - Its sessions on HTTP accept any well-formed id that was never issued, belong to nobody in particular, have no
//     cap, and end while a request is under way (no report). Sessions with an owner and a cap, sessions.go goes;
//     commitSession goes when initialize no longer opens a session that it then refuses.
//   - It sends an elicitation whether or not the client declared it, on whatever stream, and waits for ever; a reply
//     of one session is taken for that of another with the same id (no report). Mended, canAsk stays,
//     pendingElicitations and core.elicit go.
//   - Every error of a handler is -32603, and panics reach the client with their text (no report). Mended,
//     exchange.fail, stream.replace, core.rewriteError and the recovery in handle go.
//   - It decodes ids and progress tokens into float64 and encodes them again, so that those of more than 53 bits come
//     back as others (no report). Mended, the inner ids of jsonrpc.Message and exchange.progressToken go.
//   - It decodes a message several times over, folds the case of its keys, takes the last of two equal keys, and
//     reads bodies of any length (no report). Mended, the bounds of strictjson stay, stripArguments and checkCase of
//     internal/jsonrpc go.
//   - The Host is checked on loopback alone and the Origin not at all, Accept is not looked at, HEAD is answered
//     like GET, and an unknown version in the header alone counts for a known one (no report). Mended, what is left
//     of the guard are limits and authentication.
//   - Its validation of arguments ignores raw schemas, and its tasks bypass all middleware and end with the call
//     that began them (https://github.com/mark3labs/mcp-go/issues/897, pull/900, open): neither is used.
package serve
