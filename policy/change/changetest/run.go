package changetest

import (
	"testing"

	"intercom-mcp/policy/change"
)

// behaviours are what the contract of [change.Store] asks.
var behaviours = []struct {
	behaviour string
	test      func(t *testing.T, s change.Store)
}{
	{"Create takes changes that are awaiting or approved, once", testCreate},
	{"Create starts what it approves in the same step", testCreateStarted},
	{"Advance takes the steps of the table and no other", testTransitions},
	{"Advance starts what waits with a yes at its level", testApproval},
	{"Advance to approved takes the approvals that are needed", testApprove},
	{"Advance to approved refuses who may not approve, and what moved", testApproveRefused},
	{"Advance takes one of an approval and a decline at once", testApproveDecline},
	{"ClaimInterrupted hands out what people approved, once", testApprovedClaimed},
	{"Advance takes a step once, however many callers try", testAdvanceOnce},
	{"Advance to unknown leaves no item pending", testUnresolved},
	{"Advance records outcomes together with the end", testStepOutcomes},
	{"Advance gives Decide the last word", testStepDecide},
	{"Record stores all outcomes or none, while applying", testRecord},
	{"Record keeps what an outcome lacks", testRecordDetails},
	{"RecordJob keeps jobs with their answers, while applying", testRecordJob},
	{"RequestStop reaches whoever applies", testRequestStop},
	{"Freeze refuses what begins, and stops what runs", testFreeze},
	{"Cursors are kept for an hour, and 200 of each principal", testCursors},
	{"Requests are asked and taken once", testRequests},
	{"Requests are answered once", testRequestAnswered},
	{"Requests go to another server after the lease", testRequestLease},
	{"Requests are bounded", testRequestBounds},
	{"Servers are seen while they are there", testServers},
	{"Sessions last until their end, and 20 of each principal", testSessions},
	{"Sessions are renewed while they last", testSessionsRenewed},
	{"Sessions of a person are ended by another", testSessionsEnded},
	{"Sessions of sign-ins that began before an end are refused", testSignInEnded},
	{"Sessions of sign-ins that end at the same time are ended or refused", testSignInRaced},
	{"Outbox gets what somebody wants, with what it tells", testNotices},
	{"Outbox hands notices out by lease", testOutbox},
	{"Outbox tries again, until a notice is given up", testOutboxTries},
	{"Outbox is bounded", testOutboxBounds},
	{"Rates grant of a window what it has, to all in sum", testRates},
	{"Get returns what was put in", testRoundTrip},
	{"Get and Advance hand out copies", testCopies},
	{"Get, Status, Advance and Record miss what is not there", testNotFound},
	{"List selects, orders and pages", testList},
	{"List tells what is overdue as expired, at a time", testListOverdue},
	{"List finds the changes of anyone, and of a person", testListOthers},
	{"List finds the changes of a person by an e-mail in any case", testListPerson},
	{"List sums changes up", testListSummary},
	{"Recent counts different targets", testWrittenTargets},
	{"Recent counts what may have an effect", testWrittenOutcomes},
	{"Recent counts what was created once", testWrittenCreated},
	{"Recent counts within the window", testWrittenWindow},
	{"Recent counts who got notes, for notes", testWrittenNotes},
	{"Recent finds what puts the same back", testUndoing},
	{"Recent finds what may yet write the same part", testWriting},
	{"Recent finds the newest of the same fingerprint", testLatest},
	{"Recent matches what was declined", testDeclined},
	{"Recent counts what waits, and what got no yes", testWaiting},
	{"PurgeValues keeps ids and outcomes", testForget},
	{"Erase leaves nothing of a contact, and the trail intact", testErase},
	{"Cuts remove what is old and was exported, and the rest stays intact", testCut},
	{"Cuts remove events without changes", testCutCalls},
	{"Cuts remove the same once, however many try", testCutOnce},
	{"Cuts remove nothing that is not as it was read", testCutRefused},
	{"Events are selected by what they tell", testEvents},
	{"every method obeys its context", testCancelled},
}

// Run holds a store to the contract of [change.Store]. Each row gets a store of its own from open, empty, which lasts
// until the row's test has ended.
func Run(t *testing.T, open func(t *testing.T) change.Store) {
	for _, row := range behaviours {
		t.Run(row.behaviour, func(t *testing.T) { row.test(t, open(t)) })
	}
}
