// Package policy decides what a principal may do: a pure function from a
// request to allow, deny or confirm, with every reason that led there.
//
// What may live here: the vocabulary of permission (effects, modes, levels),
// the rules and the decision. Nothing here reads a clock, a file at decision
// time, the network, Intercom or MCP; the facts arrive in [Request].
package policy
