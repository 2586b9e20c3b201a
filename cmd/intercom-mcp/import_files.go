package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"intercom-mcp/cmd/intercom-mcp/internal/table"
	"intercom-mcp/tools"
)

// beside is a file beside the imported one: people.csv and receipt make people.receipt.csv. Beside standard input there
// is none.
func (c *importCmd) beside(what string) string {
	if c.File == "-" {
		return ""
	}
	return strings.TrimSuffix(c.File, ".csv") + "." + what + ".csv"
}

// receiptPath is where the receipt is written; "" where none is.
func (c *importCmd) receiptPath() string { return cmp.Or(c.Receipt, c.beside("receipt")) }

// claimReceipt tries that the receipt can be written, before anything else is.
func (c *importCmd) claimReceipt() error {
	path := c.receiptPath()
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return &usageError{problem: "the receipt cannot be written: " + err.Error(), try: "--receipt FILE"}
	}
	return file.Close()
}

// receipt writes what became of each line, and counts the parts of the change by their outcome.
func (c *importCmd) receipt(ctx context.Context, h *host, planned *tools.PlannedImport) (counts string, err error) {
	path := c.receiptPath()
	if path == "" {
		return "", nil
	}
	rows, err := planned.Report(ctx)
	if err == nil {
		err = writeTable(path, tools.ReportColumns(), rows)
	}
	if err != nil {
		if id := planned.Change(); id != "" {
			return "", fmt.Errorf("the receipt could not be written, and the change was made; "+
				"'intercom-mcp export change %s' shows it: %w", id, err)
		}
		return "", err
	}
	if counts = linesByOutcome(rows); counts == "" {
		fmt.Fprintf(h.stderr, "What became of each line: %s\n", path)
		return "", nil
	}
	fmt.Fprintf(h.stderr, "What became of each line (%s): %s\n", counts, path)
	return counts, nil
}

// linesByOutcome counts the lines of a receipt by outcome: "120 changed, 30 not_sent".
func linesByOutcome(rows [][]any) string {
	lines := make(map[string]map[any]bool)
	for _, row := range rows {
		outcome := fmt.Sprint(row[slices.Index(tools.ReportColumns(), "outcome")])
		if lines[outcome] == nil {
			lines[outcome] = make(map[any]bool)
		}
		lines[outcome][row[0]] = true
	}
	var counts []string
	for _, outcome := range slices.Sorted(maps.Keys(lines)) {
		counts = append(counts, fmt.Sprintf("%d %s", len(lines[outcome]), outcome))
	}
	return strings.Join(counts, ", ")
}

// reject writes the rows that are not imported, as they were.
func (c *importCmd) reject(h *host, read *table.Table, planned *tools.PlannedImport) error {
	path := c.beside("rejected")
	if path == "" {
		return nil
	}
	bad := make(map[int]bool)
	for _, problem := range planned.Bad {
		bad[problem.Line] = true
	}
	var rows [][]any
	add := func(row table.Row) {
		if !bad[row.Line] {
			return
		}
		cells := make([]any, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = cell
		}
		rows = append(rows, cells)
	}
	for _, row := range read.Rows {
		add(row)
	}
	for _, row := range read.Bad {
		add(row.Row)
	}
	if err := writeTable(path, read.Header, rows); err != nil {
		return err
	}
	fmt.Fprintf(h.stderr, "The rows that are wrong: %s\n", path)
	return nil
}

// writeTable writes a file of CSV that only its owner may read.
func writeTable(path string, titles []string, rows [][]any) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w, err := table.NewCSV(file, titles, false)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := w.WriteRow(row); err != nil {
			return err
		}
	}
	return nil
}
