// Package demo tells the main job as a story: an MCP client works in an embedded Intercom, and a person agrees or not.
//
// What may live here: the story, the client that plays the agent, and how both are printed. The client starts this very
// program as its server, as a desktop assistant would. Every number in its answers is checked against the
// workspace's own state.
package demo
