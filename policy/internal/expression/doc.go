// Package expression compiles and evaluates CEL expressions, within bounds, over the variables that its caller
// declares.
//
// What may live here: the environment put together from CEL's parts (parser, checker, validators, interpreter), with
// the standard macros and functions and nothing of what the library offers beyond them. Package cel of the library puts
// the same together, but links protobuf's descriptors for types that no policy declares: half a millisecond of every
// start, and 0.7 MB of the program. The tests alone import it: they hold this package equal to it, errors word for word
// and costs included.
//
// Compiling parses, checks types, then reports three things that the types allow: a pattern that is no regular
// expression, a list or map of mixed types, and loops nested too deep. An evaluation that costs more than its limit is
// given up with an error.
//
// Not guaranteed: that a constant expression, such as 1/0 == 1, is evaluated before its first use.
package expression
