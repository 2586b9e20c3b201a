// Package demo tells the main job as a story: an MCP client works in an embedded Intercom, and a person agrees or not.
//
// What may live here: the story, the client that plays the agent, the browser of the person who decides, and how they
// are printed. The client starts this very program as its server, as a desktop assistant would, and so does the person
// for the console, whose pages are read as text by what their templates look like. Every number in its answers is
// checked against the workspace's own state.
package demo
