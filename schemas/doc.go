// Package schemas holds the JSON Schemas of every tool's arguments and answers:
// committed files, generated from Go structs, embedded, and compiled when they
// are first needed.
//
// What may live here: the generation of schemas and the rules that keep them
// within what every MCP client and model API understands, the schema files
// themselves (<tool>.input.json, <tool>.output.json), and validation with
// messages that a model can act on. Nothing here knows a tool; this is the only
// package that imports a JSON Schema library.
//
// Everything exported is safe for concurrent use.
package schemas
