// Package postgres keeps changes and their audit trail in one schema of a PostgreSQL database, which any number of
// replicas may share.
//
// What may live here: SQL, and the parts of a [Store], each with an idea of its own: the schema and its versions, the
// connections to it, the database that runs transactions, the end of the audit trail, the watch for what the database
// loses, and the owner with its leases. What a change is and which steps it may take is said in package change; package
// changetest tests the contract of all stores.
//
// A row holds the JSON of a change or an item, and beside it the columns by which it is found. Every write is one
// transaction: it takes what it decides under (a lock for each principal, and a shared one against the freeze of
// writes), then the row of the change, then what it decides about (locks that many targets share), and last the tip of
// the audit trail, so that the chain of hashes is serial and is held for two round trips only. Locks are always taken
// in this order. Leases are judged by the database's clock alone; a machine whose clock differs from it by more than a
// minute may read, and not write.
//
// When the answer to a commit is lost, the store asks the trail whether it holds what was written; where the database
// does not answer, the error is [change.ErrUnsettled]. When the trail lacks what the store saw committed (a failover to
// a standby that had not got it), all writes are refused until an operator accepts the loss: see [Store.AcceptLoss].
//
// The connection is package pgconn of pgx behind database/sql: the whole of pgx would add 4 MB to the program.
//
// Not guaranteed: that a process which was down at a failover notices what was lost, as only those that ran remember
// it.
package postgres
