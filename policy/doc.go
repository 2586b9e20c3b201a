// Package policy decides what a principal may do: a pure function from a
// request to allow, deny or confirm, with every reason that led there. The
// operator writes the policy as a file; default.yaml is the one that holds
// where no file says otherwise.
//
// What may live here: the vocabulary of permission (effects, modes, levels),
// the policy file, the rules with their conditions, the decision, and what
// masking leaves of a value. Nothing here reads a clock, the network, Intercom
// or MCP, or a file at decision time; the facts arrive in [Request].
package policy
