// Command bench measures the program beside floor programs in the same run, by turns, and prints a table: ours, floor,
// their ratio, and the goal. A floor program is what anybody would write first: a plain mcp-go server whose handlers
// make the same requests with net/http and decode the answers with encoding/json. It validates, cleans, records and
// reads back nothing.
//
// Of each row the median over the rounds is told. CPU time is that of the server's process alone, so other work on the
// machine shows little in it; wall-clock rows want a quiet machine. It needs Linux for the CPU clock of another process
// and for /proc.
//
// What may live here: a file for each kind of row (its function returns the rows), the drivers of the two transports,
// and the floor programs in floor and floor_start.
package main
