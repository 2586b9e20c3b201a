// Package clients knows where MCP clients of this machine's user keep their lists of servers, and adds a server to
// them.
//
// What may live here: the places and the forms of those files. What a client starts is said by the caller. Files are
// edited as they are: comments, other servers and the order of keys stay. A file is replaced as a whole, by one that is
// complete; that nobody else writes to it meanwhile is not guaranteed.
package clients
