// Package sqlite keeps changes and their audit trail in one file, which any number of processes may share.
//
// What may live here: SQL, the file's versions, leases, and what binds a file to a workspace. What a change is and which
// steps it may take is said in package change, and the contract of all stores is tested by package changetest.
package sqlite
