// Package render shows records and changes: tables with their cursors, diffs, previews, receipts, and what masking
// leaves of a value.
//
// What may live here: everything that turns a change or a list into what a model or a person reads. Nothing here asks
// Intercom for anything, or writes.
//
// [Mask] knows what may be shown, [Rows] what an item of a change does, and [View] makes previews and receipts of both.
//
// A preview names every field that the change touches, protected ones first, whatever else has no room, with how many
// different values it gets. Its rows are chosen for a rare value, for the most common ones, then field by field for the
// rarest and the most frequent in turn, so that neither an odd one hides behind harmless ones nor the other way round.
// As long as there is room it shows in full what is written, and else tells how much is missing. The room is an
// estimate of tokens.
//
// A list fits an answer by dropping rows, and its cursor goes on behind the last row that stayed. A cursor is bound to
// the tool, the principal and the arguments that choose the rows.
//
// Values that the caller gave are shown in full; what was taken from Intercom of a masked field is shown as masking
// leaves it, on whichever side of an arrow, and is neither counted nor compared. Of what may be one of a few options,
// such as a list attribute, masking leaves nothing.
//
// What was worded when a change was planned is not shown once the policy masks more than it did then.
package render
