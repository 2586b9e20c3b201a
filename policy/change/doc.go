// Package change holds the central object of this program: one intended write
// and all that became of it.
//
// What may live here: the change, its items, the table of allowed transitions,
// and the store behind which changes survive. Nothing here knows Intercom's
// API or MCP: patches are plain data that the tools room plans and applies.
package change
