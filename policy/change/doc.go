// Package change holds the central object of this program: one intended write and its outcome.
//
//	awaiting ─┬→ applying ─┬→ applied, partial, stopped, unknown ─→ undone
//	approved ─┘            └→ failed, stale
//	awaiting, approved ─→ expired, cancelled
//	awaiting ─→ declined
//	unknown ─→ applied, partial, failed
//
// What may live here: the change, its items, the table of allowed transitions, the contract of the stores that keep
// changes, a store in memory, and the events of the audit trail and their verification. Nothing here knows Intercom's
// API or MCP: patches are plain data that the engine plans and applies. Package sqlite is the store in a file, package
// postgres the one in a database, and package changetest the contract as a suite that every store runs.
//
// A [Store] makes two promises. A change runs at most once: a step is one conditional update, and a confirmation and
// the start of the run are one step. And a run has an owner: when the owner's lease expires, another store takes the
// change over with [Store.ClaimInterrupted], after which the old owner cannot record anything any more ([ErrFenced]).
// What the old owner has sent by then, or still sends until it notices, is not prevented: the new owner reads back
// first.
//
// Besides changes, the processes that share a store tell each other a few things ([Shared]): what people ask of the
// servers that own the access token, which servers are there, who has signed in to the console, and the notices that
// wait to be sent, which are written together with the events that bring them.
//
// Writes can be frozen for everyone who shares a store ([Stops]): nothing begins then, and what runs is asked to stop,
// in the same step.
//
// A contact can be erased from what is kept ([Erasure]): the events of its changes are replaced, their hashes stay, and
// an event records which they are. The hashes in the trail are salted by change, so that nobody who has a copy of the
// trail alone can guess values.
//
// Each event of the audit trail holds the hash of the one before, and the hashes of what it records of a change: so
// [Verifier] finds what was edited in either. A trail that was written anew with all hashes right is found only by a
// head that was noted elsewhere.
//
// The oldest part of the trail may be cut off with the changes that were planned in it, once it was exported ([Cuts],
// package exports): an event tells the hash of the last event that is gone, and so the rest is verified without it.
package change
