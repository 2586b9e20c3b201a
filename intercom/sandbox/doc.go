// Package sandbox is an Intercom workspace in memory that speaks Intercom's REST API over HTTP: the contacts,
// companies, tags, notes, segments, admins, data attributes, subscriptions and bulk jobs of contacts of versions 2.7 to
// 2.17 and Preview, with their errors, paging styles and rate windows.
//
// It is an [http.Handler] for a real server and an [http.RoundTripper] for a client in the same process. Its clock,
// search lag, latency, escaping and faults are dials, and the workspace it starts with follows from a seed alone, so
// that whatever happens in it can be repeated.
//
// What may live here: one file for each resource of the API, the route table in routes.go, which names every operation,
// and what tests need beside the API: snapshots of the state (state.go), the journal of requests (journal.go), faults
// (faults.go), and edits that bypass the API. The package imports nothing of this module, so that a client is tested
// against the wire and not against itself.
//
// A request waits for latency and faults (serve.go) without holding the lock, and is then checked and handled (api.go)
// under the lock, at one instant of the sandbox's clock. A handler reads the request, changes the workspace by an edit,
// which bulk tasks use, too, and answers with what a view of the request's version shows. Nothing runs in the
// background: bulk tasks that are due are carried out before the next request or snapshot.
//
// Not guaranteed: that Intercom behaves so where its reference and its OpenAPI descriptions are silent. A written zero
// of a nullable field (a time of 0, an empty string) is stored as no value; other values are stored in the form that
// real workspaces show: e-mails in lower case, texts without blanks around them, numbers of companies without
// fractions.
package sandbox
