// Package conformance holds the fixtures of the protocol's conformance suite: tools, prompts and resources whose names
// and answers it prescribes. They come through the same transports, guard and exchange as the real tools.
//
// What may live here: what the suite calls, and nothing that a client of the program should see. Only builds with the
// tag conformance link it; the release build does not.
//
// https://github.com/modelcontextprotocol/conformance
package conformance
