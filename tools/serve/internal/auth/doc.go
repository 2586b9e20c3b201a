// Package auth knows who asks, and what a client may carry for the server.
//
// What may live here: principals and the people behind them, the bearer tokens that name them (of a file, which
// commands edit, or of an identity provider), the sign-in of people with a browser, and the seal on the state that goes
// through a client between an elicitation and its answer. Nothing here knows a message, or decides what a principal may
// do to a change.
//
// The algorithm: a token of the file is looked up by its SHA-256 digest, in a time that depends on the length of the
// file alone. A token of an identity provider is a JWT: its issuer and audience are compared exactly, its signature
// with the provider's keys, by asymmetric algorithms alone, its times with a minute of leeway. Scopes bound the mode,
// groups become roles, and a token whose roles cannot all be told is refused. Keys are read when the first token comes,
// again for one with an unknown key, at most once in 30 seconds, and before they are an hour old. People sign in by the
// authorization code flow, with PKCE, a state and a nonce. A state is sealed with AES-256-GCM, bound to principal and
// tool, and spent once.
//
// What is not guaranteed: a token that the identity provider has revoked goes on until it expires, and a key that it
// has withdrawn counts for up to an hour. Which states are spent is known to this process alone, unless servers share
// their keys; that a change is answered once across processes is up to the store of changes. Who carries a bearer token
// is not proven to be whom it was given to.
package auth
