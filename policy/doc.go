// Package policy decides what a principal may do: a pure function from a request to allow, deny or confirm, with every
// reason that led there. The operator writes the policy as a file; internal/builtin/default.yaml is the one in force
// without a file.
//
// What may live here: the vocabulary of permission (effects, modes, levels), the policy file, the rules with their
// conditions, the facts that conditions use, the decision, and what masking leaves of a value. Nothing here reads a
// clock, the network, Intercom or MCP, or a file at decision time; the facts arrive in [Request].
//
// A decision evaluates every rule. A deny wins over a confirm, whose strongest level wins, and that over an allow; a
// condition that fails denies. Then the client's reach is compared with the level: where it falls short, the fallback
// stands in, never for an effect [Destroy], nor for an approver by the agent. Last come the limits that no rule lifts.
//
// A file is read strictly: every mistake is reported with its place, names that are not in the [Vocabulary] are
// mistakes, in the text that conditions compare with facts too, and a file with a mistake is no policy.
//
// Not guaranteed: that a condition means what its author intended. Of text that functions look for in a name, as in
// tool.startsWith('untag'), only that which is in no name is a mistake; in custom attributes, whose names are not
// known, any text may be. What an irreversible write requires is up to the rules.
package policy
