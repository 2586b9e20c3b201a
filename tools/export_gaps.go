package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
)

// maxGaps is how many of the rows, and of the cells, that an export lacks are named.
const maxGaps = 5

// Gaps are what an export lacks because Intercom's answers cannot be read. The lists say of the first few what is
// wrong, without anything that a customer wrote.
type Gaps struct {
	Rows    int      `json:"rows,omitempty"`  // left out
	Cells   int      `json:"cells,omitempty"` // left empty
	OfRows  []string `json:"of_rows,omitempty"`
	OfCells []string `json:"of_cells,omitempty"`
}

// leaveOut counts a row that is left out.
func (g *Gaps) leaveOut(odd intercom.Unreadable) {
	g.Rows++
	if len(g.OfRows) < maxGaps {
		g.OfRows = append(g.OfRows, strings.TrimSuffix(odd.String(), ", so it is left out"))
	}
}

// cell counts a cell that is left empty for an error that is of its value.
func (g *Gaps) cell(err error) {
	var odd *intercom.UnreadableError
	if !errors.As(err, &odd) {
		return
	}
	g.Cells++
	if len(g.OfCells) < maxGaps {
		g.OfCells = append(g.OfCells, text.Clean(odd.Error()))
	}
}

// Add adds the gaps of the part of an export that was written before.
func (g *Gaps) Add(before Gaps) {
	g.Rows += before.Rows
	g.Cells += before.Cells
	first := func(a, b []string) []string {
		all := slices.Concat(a, b)
		return all[:min(len(all), maxGaps)]
	}
	g.OfRows, g.OfCells = first(before.OfRows, g.OfRows), first(before.OfCells, g.OfCells)
}

// LeftOut says which rows are left out, and why; "" if none is.
func (g *Gaps) LeftOut() string {
	return gapsOf(g.Rows, "row", "left out, as Intercom's answer cannot be read", g.OfRows)
}

// Emptied says which cells are empty though Intercom has something there; "" if none is.
func (g *Gaps) Emptied() string {
	return gapsOf(g.Cells, "cell", "left empty, as the value cannot be read", g.OfCells)
}

func gapsOf(n int, what, why string, first []string) string {
	if n == 0 {
		return ""
	}
	said := fmt.Sprintf("%s %s: %s", text.Plural(n, what), why, strings.Join(first, "; "))
	if more := n - len(first); more > 0 {
		said += fmt.Sprintf("; and %d more", more)
	}
	return said
}
