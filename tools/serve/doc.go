// Package serve puts the catalogue of tools on the wire: the Model Context
// Protocol over stdio and over Streamable HTTP, in both of its eras (the
// initialize handshake up to 2025-11-25, and the stateless 2026-07-28).
//
// What may live here: registration with mcp-go, the two transports, the guard
// in front of them (limits, Host and Origin, bearer tokens, sessions), the
// questions to the user (elicitation), metrics, and the fixtures of the
// protocol's conformance suite. It is the only package that imports mcp-go's
// server, and the place for whatever mcp-go needs worked around. Nothing here
// knows Intercom, or decides anything about a change: calls go to a
// [tools.Caller].
package serve
