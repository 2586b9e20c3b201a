package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"intercom-mcp/cmd/intercom-mcp/internal/table"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// beside is a file beside the imported one: people.csv and receipt make people.receipt.csv. Beside standard input there
// is none.
func (c *importCmd) beside(what string) string {
	if c.File == "-" {
		return ""
	}
	name := c.File
	if end := filepath.Ext(name); strings.EqualFold(end, ".csv") {
		name = strings.TrimSuffix(name, end)
	}
	return name + "." + what + ".csv"
}

// maxBeside is how many receipts, or files of rejected rows, there are beside one table.
const maxBeside = 1000

// numbered are the names of the files of one kind beside the imported one, in the order in which they are taken:
// people.receipt.csv, people.receipt.2.csv and so on.
func (c *importCmd) numbered(what string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := 1; n <= maxBeside; n++ {
			name := c.beside(what)
			if n > 1 {
				name = c.beside(fmt.Sprintf("%s.%d", what, n))
			}
			if !yield(name) {
				return
			}
		}
	}
}

// claimReceipt returns where the receipt goes, "" where none is written, and makes sure that it can be written there
// before anything is sent. A receipt records what was written, so none is ever written over; a dry run has a file of
// its own, which the next one replaces.
func (c *importCmd) claimReceipt() (path string, err error) {
	switch {
	case c.Receipt != "":
		return c.Receipt, claimEmpty(c.Receipt)
	case c.DryRun || c.File == "-":
		return c.beside("preview"), nil
	}
	for path := range c.numbered("receipt") {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return "", &usageError{problem: "the receipt cannot be written: " + err.Error(), try: "--receipt FILE"}
		}
		return path, file.Close()
	}
	return "", &usageError{problem: fmt.Sprintf("there are %d receipts of %s", maxBeside, c.File), try: "--receipt FILE"}
}

// claimEmpty makes sure that a file can be written, and refuses one that holds something.
func claimEmpty(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return &usageError{problem: "the receipt cannot be written: " + err.Error(), try: "--receipt FILE"}
	}
	info, err := file.Stat()
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if info.Mode().IsRegular() && info.Size() > 0 {
		return &usageError{problem: path + " is there already, and no receipt is written over anything",
			try: "--receipt with another FILE"}
	}
	return nil
}

// unclaim removes the file that was claimed for a receipt.
func unclaim(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return os.Remove(path)
}

// unwritten returns where the table of an import goes that wrote nothing, since nobody agreed to it, or another change
// writes the same: a receipt records what was written.
func (c *importCmd) unwritten(ctx context.Context, path string, planned *tools.PlannedImport) (string, error) {
	status, err := planned.Status(ctx)
	if err != nil || c.Receipt != "" || status != change.StatusAwaiting && status != change.StatusDeclined &&
		status != change.StatusCancelled {
		return path, err
	}
	if preview := c.beside("preview"); preview != path {
		return preview, unclaim(path)
	}
	return path, nil
}

// receipt writes what became of each line, and counts the parts of the change by their outcome.
func (c *importCmd) receipt(
	ctx context.Context, h *host, planned *tools.PlannedImport, path string,
) (counts string, err error) {
	if path == "" {
		return "", nil
	}
	rows, err := planned.Report(ctx)
	if err == nil && path == c.beside("preview") {
		err = makeWay(path)
	}
	if err == nil {
		err = writeTable(path, tools.ReportColumns(), rows)
	}
	if err != nil {
		if id := planned.Change(); id != "" {
			return "", fmt.Errorf("the receipt could not be written, and the change was made; "+
				"'intercom-mcp export change %s' shows it: %w", id, err)
		}
		return "", unwritable(err, "another FILE for it by --receipt")
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

// reject writes the rows that are not imported, as they were. A file of them that somebody has edited since stays.
func (c *importCmd) reject(h *host, read *table.Table, planned *tools.PlannedImport) error {
	if c.File == "-" {
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
	var body bytes.Buffer
	if err := writeCSV(&body, read.Header, rows); err != nil {
		return err
	}
	for path := range c.numbered("rejected") {
		known, err := os.ReadFile(path)
		if info, e := os.Lstat(path); e == nil && !info.Mode().IsRegular() {
			continue // nothing is written where a link leads
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = writeNew(path, body.Bytes())
		case err == nil && !bytes.Equal(known, body.Bytes()):
			continue
		}
		if err == nil {
			fmt.Fprintf(h.stderr, "The rows that are wrong: %s\n", path)
		}
		return unwritable(err, "a copy of "+c.File+" in a folder that you may write to")
	}
	return fmt.Errorf("there are %d files of rejected rows of %s", maxBeside, c.File)
}

// makeWay removes the table that one of the same name replaces, and what stands in its place: a link is not followed.
func makeWay(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// writeNew writes a file that is not there yet and that only its owner may read.
func writeNew(path string, body []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	return errors.Join(err, file.Close())
}

// unwritable adds to an error of writing a file what to do.
func unwritable(err error, try string) error {
	if err == nil {
		return nil
	}
	return &usageError{problem: err.Error(), try: try, cause: err}
}

// writeTable writes a file of CSV that only its owner may read.
func writeTable(path string, titles []string, rows [][]any) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return writeCSV(file, titles, rows)
}

// writeCSV writes CSV.
func writeCSV(to io.Writer, titles []string, rows [][]any) error {
	w, err := table.NewCSV(to, titles, false)
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
