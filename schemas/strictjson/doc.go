// Package strictjson reads JSON that comes from outside: a thin layer over jsontext, which knows the grammar, with the
// bounds that no message may pass.
//
// What may live here: whatever goes over JSON text without knowing what the text is about. [Check] refuses a text,
// [Members] splits an object into its members as they were sent, and [Read] goes over a text step by step, so that a
// schema can direct what is read and what is skipped. [Encode] is how the module writes JSON, and [Compact] takes the
// white space out of it. Nothing else in the module walks JSON by hand, but for the decoder of Intercom's answers,
// which is lenient, and this package imports no other of the module.
//
// The algorithm: jsontext yields tokens, without recursion and without copying; each is held against the bounds, and
// the names of each object that is open are kept in the form in which encoding/json compares them. The time is linear
// in the length of the text, about three milliseconds for the longest.
//
// What is not guaranteed: [Reader.Skip] checks the grammar alone, and a [Reader] has passed nothing that was not read
// yet. A text is only as good as [Check] says once all of it was read.
package strictjson
