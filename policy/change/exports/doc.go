// Package exports writes the oldest part of an audit trail, with the changes that were planned in it, to files in a
// folder, has the store cut it off, and checks such files together with what the store keeps.
//
// What may live here: the form of these files, how they reach the disk, and how they are read again. What may be cut is
// said in package change, which knows no files.
//
// A cut is two files, trail-FROM-TO-HASH.jsonl with the events and records-FROM-TO-HASH.jsonl with the changes; the
// numbers are those of the first and the last event, and HASH begins the SHA-256 of the file. Each line of the first is
// an event and its hash, as audit list --json prints them, and each of the second a change with all its items. Both are
// written under another name, flushed to the disk, renamed and read again before the store removes anything, so that a
// process may be killed at any point: the part is in the store then, or in both. A name says what is in the file, so
// that nobody ever writes over the export of another process. A run that was killed may leave files that no event
// names; nobody removes them, since other stores may export to the same folder.
//
// Not guaranteed: that the disk keeps what it confirmed, and that all servers see the same folder.
package exports
