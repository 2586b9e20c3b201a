package main

import (
	"io"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
)

// coloured reports whether colours may be written to w: on terminals only, and not where NO_COLOR is set
// (https://no-color.org).
func (h *host) coloured(w io.Writer) bool {
	unwanted, _ := h.env("NO_COLOR")
	kind, _ := h.env("TERM")
	return unwanted == "" && kind != "dumb" && terminal.Is(w)
}

// style returns the style of what is written to w.
func (h *host) style(w io.Writer) terminal.Style { return terminal.Style{Coloured: h.coloured(w)} }
