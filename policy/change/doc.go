// Package change holds the central object of this program: one intended write
// and all that became of it.
//
// What may live here: the change, its items, the table of allowed transitions,
// the stores behind which changes survive, and the audit trail of what happened
// to them. Nothing here knows Intercom's API or MCP: patches are plain data
// that the tools room plans and applies.
//
// A [Store] keeps two promises. A change runs at most once: a step is one
// conditional update, and a yes and the start of the work are one step. And
// work that was begun has an owner: when the owner's signs of life end, another
// store takes over with [Store.ClaimInterrupted], after which the old owner cannot
// record anything any more ([ErrFenced]).
package change
