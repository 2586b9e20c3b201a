// Package render shows records and changes: tables with their cursors, diffs, previews, receipts, and what masking
// leaves of a value.
//
// What may live here: everything that turns a change or a list into what a model or a person reads. Nothing here asks
// Intercom for anything, or writes.
//
// A preview names every field that the change touches, protected ones first, whatever else has no room. A list fits an
// answer by dropping rows, and its cursor goes on behind the last row that stayed. A cursor is bound to the tool, the
// principal and the arguments that choose the rows.
//
// What was worded when a change was planned is not shown once the policy masks more than it did then.
package render
