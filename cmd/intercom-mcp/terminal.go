package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether stream is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// coloured reports whether colours may be written to w: on terminals only, and
// not where NO_COLOR is set (https://no-color.org).
func (h *host) coloured(w io.Writer) bool {
	unwanted, _ := h.env("NO_COLOR")
	kind, _ := h.env("TERM")
	return unwanted == "" && kind != "dumb" && isTerminal(w)
}

// paint styles text for a terminal. The zero paint leaves text as it is.
type paint struct{ on bool }

func (p paint) with(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) bold(text string) string  { return p.with("1", text) }
func (p paint) faint(text string) string { return p.with("2", text) }
func (p paint) red(text string) string   { return p.with("31", text) }
func (p paint) green(text string) string { return p.with("32", text) }
func (p paint) cyan(text string) string  { return p.with("36", text) }
