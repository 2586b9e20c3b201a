// Package terminal is the terminal of the person who runs the program: styled text, pages, a progress bar, and what the
// person types.
//
// What may live here: what several commands draw and read. It knows no environment: whether colours are wanted is the
// caller's to decide. Nothing here is safe for concurrent use. A read ends with its context, but not the goroutine that
// waits for the terminal: it lives as long as the process, unless the person types a line.
package terminal
