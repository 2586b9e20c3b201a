// Package terminal draws on the terminal of the person who runs the program: styled text and a progress bar.
//
// What may live here: what several commands draw. It reads nothing, neither input nor environment, and whether colours
// are wanted is the caller's to decide. Nothing here is safe for concurrent use.
package terminal
