// Package stored holds what the stores with tables have in common, whatever their database.
//
// What may live here: the reading of rows, their bodies, columns and pages, the events that wait for the next write,
// the lookup of the workspace that a store is for, and the renewing of leases. No SQL, and nothing that knows a
// database.
package stored
