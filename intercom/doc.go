// Package intercom is a typed client of Intercom's REST API: contacts, companies, tags, notes, segments, admins, data
// attributes, subscriptions and the bulk job of contacts.
//
// What may live here: the wire format of each resource, in a file of its own, and the one path that every request
// takes. Differences between API versions end here: a caller sees one shape of everything. The package knows nothing of
// agents, policies or protocols.
//
// # Requests
//
// [Client] methods build a request (request.go) and pass it to perform (call.go), which checks it, waits for admission,
// makes up to three attempts (exchange.go) and decodes the answer. Admission has three gates, in this order:
//
//   - The credential latch (gate.go) refuses calls for a minute after Intercom
//     refused the token.
//   - The rate budget (budget.go) counts the requests of Intercom's windows of
//     ten seconds, which it learns from the X-RateLimit headers. Waiting
//     callers queue by [Priority]; within one, principals ([ForPrincipal]) take
//     turns, and the callers of one are served as they came. Interactive calls
//     leave 2 % of a window unused, bulk calls 20 %. Once two principals have
//     used the client within an hour, the second half of each window is spread
//     over its time, so that one who comes late finds a turn soon. A call
//     whose deadline comes before its turn fails at once with
//     [KindRateLimited], and nothing is sent. A write that waits can be
//     called back ([WithRecall]).
//   - The circuit breaker (gate.go) opens when half of at least twenty
//     attempts within ten seconds failed.
//
// # Retries
//
// Each request has a class (retry.go): reads and idempotent writes are repeated after most failures, absolute writes
// and creations only if no byte was sent or Intercom refused them before any effect. Retries are at most a tenth of all
// requests, with random backoff or the wait that Intercom asked for. A write that may have been applied, and of which
// no attempt proves the outcome, fails with [KindOutcomeUnknown].
//
// # Answers
//
// An answer is decoded leniently (lenient.go): keys that no caller uses are not looked at, and a value of the wrong
// type counts as absent and is reported to the function of [WithUnreadable]. Ids, roles and what leads on are strict,
// and so is what a write depends on for a client made by [Client.Strict]: the error names the record and the key. A
// list goes on without the items that cannot be read, but what is no list is an error, and so is an object other than
// the one asked for.
//
// Everything is bounded, whatever Intercom sends: an attempt by a deadline, a body by 16 MiB (body.go; few large ones
// are in memory at once), a value by 64 KiB, a walk through a list by pages, rows and time (iterate.go), which also
// ends where nothing new comes. An error that is no JSON object is not Intercom's word: it proves nothing about a
// write.
//
// # Not guaranteed
//
// The budget belongs to one [Client] and its WithPriority views; several share the windows of a token by [Share], in
// leases of a twentieth. Other processes with the same token are noticed only through the headers. Turns are for
// admission alone: principals share the transport's connections as they come, and interactive calls of one keep bulk
// calls of all waiting. The first call of a second principal may find a window used up. Iterators over all pages see
// changes made meanwhile, and may miss items then. The zero value of a field stands for "no value" too, except in
// CustomAttributes, where an absent key does.
package intercom
