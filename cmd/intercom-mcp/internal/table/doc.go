// Package table reads and writes the tables that people keep in spreadsheets: CSV in the encodings and with the
// separators that spreadsheets write.
//
// What may live here: the form of a table. What its columns mean, and what its cells may hold, is said by the tools.
//
// A cell that a spreadsheet would run as a formula is written with ' before it, and exactly that ' is taken off when a
// table is read: see [guard]. A table is read whole; what grows after the file was opened is not seen.
package table
