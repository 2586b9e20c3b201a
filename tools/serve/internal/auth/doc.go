// Package auth knows who asks, and what a client may carry for the server.
//
// What may live here: principals, the bearer tokens that name them, and the seal on the state that goes through a
// client between an elicitation and its answer. Nothing here knows a message, or what a principal may do.
//
// The algorithm: a token is looked up by its SHA-256 digest, in a time that depends on the length of the file alone. A
// state is sealed with AES-256-GCM, bound to principal and tool, and spent once.
//
// What is not guaranteed: which states are spent is known to this process alone. That a change is answered once across
// processes is up to the store of changes.
package auth
