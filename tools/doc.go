// Package tools holds the catalogue: everything an agent can do in Intercom, one file per Intercom resource, and the
// one pipeline that every call runs through, whatever transport it came by.
//
// What may live here: tools and their typed inputs and outputs, the planning, applying and verifying of changes, and
// the shaping of answers. Nothing here knows MCP: the serve room turns calls and results into protocol messages.
package tools
