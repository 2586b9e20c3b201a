// Package generate makes JSON Schemas from Go structs and the comments on their fields. It runs when the committed
// schemas are written and checked, and is no part of the program: nothing is reflected when that starts.
//
// What may live here: the generation, and the rules that keep schemas within what every MCP client and model API
// understands. Nothing here knows a tool; this is the only package that imports the reflecting library.
package generate
