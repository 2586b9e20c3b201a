// Package toolerr holds the error that an agent gets: a stable code, what is wrong, and what to do next.
//
// What may live here: [Error], its codes, and [Translator], which words the errors of Intercom. Nothing here knows a
// tool's arguments, the store of changes, or MCP.
//
// An [Error] carries no tokens, stack traces or raw bodies: of a message of Intercom's it repeats Intercom's own words,
// and of what stands between them only what the caller gave and the names of the workspace's attributes. What no code
// stands for is logged in full and told as [Internal].
package toolerr
