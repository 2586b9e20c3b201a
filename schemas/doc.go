// Package schemas holds the JSON Schemas of every tool's arguments and answers: committed files, generated from Go
// structs, embedded, and compiled when they are first needed.
//
// What may live here: the schema files themselves (<tool>.input.json, <tool>.output.json, and <tool>.brief.json, the
// short form of an input for lists that have the tools it refers to), which the package generate writes, and validation
// with messages that a model can act on. Nothing here knows a tool; this is the only package that imports a validating
// library.
//
// Everything exported is safe for concurrent use.
package schemas
