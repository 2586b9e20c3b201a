// Package record knows what Intercom's contacts and companies hold: the fields by name, the kind of their values, how
// a value is read, written, compared and shown.
//
// What may live here: the table of standard fields, custom attributes as fields, values and times as an agent writes
// them. Nothing here asks Intercom for anything.
//
// Intercom gives some texts escaped as HTML. Images of records keep them as they were given ([GivenByContact]), so that
// an undo can tell what was there; they are compared modulo escaping, and shown [Plain].
//
// Comparison is Intercom's: numbers by their value, e-mails without regard to case, and what Intercom does not tell
// from null as null.
package record
