// Package toolstest is the one place for what each tool is usually called with. Every sweep over the catalogue takes
// its cases from it: bad input, faults, API versions, masks, clients without elicitation, the operations that tools
// send, and the clients of testdata/interop, which read the file.
//
// What may live here: data about the catalogue that tests of several rooms share. Nothing but tests imports it.
package toolstest
