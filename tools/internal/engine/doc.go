// Package engine carries changes out: it sends what was planned, reads it back part by part, resumes what a process
// left behind, stops, and plans undos.
//
// What may live here: the table of operations and everything that is done with a change once it is decided. Nothing
// here decides, asks a person, or words an answer; [Words] says what is masked, and how targets are called.
//
// # A run
//
// A change is started by one conditional step in the store, and its run belongs to the [Engine]. Where the yes came a
// while after the plan, the touched parts are read again first: drift ends the change as stale. More than ten updates
// go through bulk jobs of 100 contacts, four at a time, each read back in pages of 150 by search and, where the search
// does not show the new values, by id; what a job left undone, and everything else, is written one by one, eight at a
// time. Where failures may end the run, a first job of 20 contacts at most, and then one of 100, are each read back
// before the next one leaves, so that what mostly fails ends early. Every request of a run of more than ten items, and
// of a resumed one, is paced as background work.
//
// # Outcomes
//
// Reading back judges parts: a part shows what was written (as Intercom keeps it), or what was there before, or
// neither. An item is changed where every part shows, partly where some do, failed where none does and none moved. What
// was sent and is not disproved counts as written: unknown is an item whose parts show something else, one whose zero
// Intercom may show as the nothing that was there, one of which nothing shows after no answer came, so that it may come
// about late, and one whose target is gone when it is read back, unless all of it was refused. A part that was refused
// failed, even where what was there looks like it, rounded.
//
// # Masks
//
// Whether a write of a guess changed anything tells whether the guess was right. So, unless a person confirmed the
// change, nothing depends on what a masked field held before: it is written whatever it holds, one contact at a time,
// counts as changed where Intercom took it, is no reason for drift, and of an item whose answer was lost nothing is
// known.
//
// # Stops
//
// A run that is to send nothing more is stopped, for the first of several reasons; a table says of each what becomes of
// what is not sent (left to be resumed, or recorded as not sent), and whether the stop is put on record for whoever
// goes on with the change. What waits for Intercom's rate limit is called back; an item whose first request has left is
// finished. What was sent is read back in any case.
//
// # Resuming
//
// A process that takes over a change reads back what may have been sent before it sends what is missing. Bulk jobs are
// on record before they are sent, and with the ids that Intercom gives them; whoever takes over waits for their end, up
// to ten minutes after they were sent. What was in none is not sent, where the run is stopped; what is in one that
// cannot be seen to end, and does not show, is unknown. Updates are reconciled together; other operations one by one. A
// create, a note or a merge is never sent again where reading cannot tell. What another client wrote to meanwhile is
// skipped: of an item that may have been sent (in a job, or one by one: one of the last ones) it counts as written, and
// is partly or unknown; only what cannot have been sent failed.
//
// # Requests
//
// People ask by way of the store: whether what a waiting change touches is still as it was planned, and to undo one.
// Each second a server that may write looks for requests, and for changes that people have approved. It takes a request
// by a lease, which it renews while it works on it; where it dies, another takes it, so that a check may be made twice,
// while the undo of one change is one change.
//
// # Not guaranteed
//
// Of changes of more than 100 contacts, drift is looked for by Intercom's search, which lags: an edit of the last
// minutes may be written over. So may what another client writes to a masked field after a plan that no person
// confirms. A part that another client set to the very value that was to be written counts as ours.
package engine
