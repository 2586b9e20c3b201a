// Package sqlite keeps changes and their audit trail in one file, which any number of processes may share.
//
// What may live here: SQL, and the parts of a [Store], each with an idea of its own: the file and its versions, the
// connection that writes, the writer whose callers share transactions, the database that runs them for the workspace
// that it is for, and the owner with its leases. What a change is and which steps it may take is said in package
// change; package changetest tests the contract of all stores.
//
// A row holds the JSON of a change or an item, and beside it the columns by which it is found. Every write holds the
// write lock from its start, and appends to the trail what it did. Writes that wait at the same time share a
// transaction, each in a savepoint of its own, and return once it is on the disk (group commit). A file of an older
// version is migrated when it is first opened, after it was copied to FILE.vN.
//
// Not guaranteed: that a file on a network file system works, where SQLite's log of writes does not; and that a clock
// which differs between the processes by more than a lease does no harm, since each judges leases by its own.
package sqlite
