package main

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// receipt writes what became of each line.
func (c *importCmd) receipt(ctx context.Context, h *host, planned *tools.PlannedImport) error {
	path := c.Receipt
	if path == "" {
		path = c.beside("receipt")
	}
	if path == "" {
		return nil
	}
	rows, err := planned.Report(ctx)
	if err == nil {
		err = writeTable(path, tools.ReportColumns(), rows)
	}
	if err != nil {
		if id := planned.Change(); id != "" {
			return fmt.Errorf("the receipt could not be written, and the change was made; "+
				"'intercom-mcp export change %s' shows it: %w", id, err)
		}
		return err
	}
	fmt.Fprintf(h.stderr, "What became of each line: %s\n", path)
	return nil
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
