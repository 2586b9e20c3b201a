package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"intercom-mcp/cmd/intercom-mcp/internal/table"
	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// importHelp are the help texts of importCmd.
var importHelp = helpTexts{
	"import_match":   "The field that finds each row's contact: email, external_id or id.",
	"import_map":     "The field of a column that its title does not tell; TITLE= leaves the column out.",
	"import_dates":   "Whether the day or the month comes first in dates such as 31/12/2027.",
	"import_receipt": "Where to write what became of each line; FILE.receipt.csv (or .preview.csv) when absent.",
}

// importCmd writes a table of contacts to Intercom, as one change.
type importCmd struct {
	File          string            `arg:"" help:"CSV file: UTF-8 or UTF-16; - reads standard input."`
	Match         string            `enum:"email,external_id,id" default:"email" help:"@import_match"`
	Map           map[string]string `mapsep:"none" placeholder:"TITLE=FIELD" help:"@import_map"`
	CreateMissing bool              `help:"Create the contacts that are not found."`
	AddTag        []string          `sep:"none" placeholder:"TAG" help:"Put a tag on everyone."`
	RemoveTag     []string          `sep:"none" placeholder:"TAG" help:"Take a tag off everyone."`
	Blank         string            `enum:"keep,clear" default:"keep" help:"What a blank cell does to its field: ${enum}."`
	Dates         string            `enum:",dmy,mdy" default:"" placeholder:"dmy|mdy" help:"@import_dates"`
	SkipBad       bool              `help:"Write the good rows, and leave the bad ones in FILE.rejected.csv."`
	DryRun        bool              `help:"End after the preview. Nothing is written to Intercom."`
	StopAfter     int               `placeholder:"N" help:"Stop after so many failures."`
	Receipt       string            `type:"path" placeholder:"FILE" help:"@import_receipt"`
	Yes           bool              `help:"Say yes to the import; the record names this flag."`
	serviceFlags
}

// maxImport is how many rows one import has.
const maxImport = 10_000

// Run implements the command.
func (c *importCmd) Run(ctx context.Context, h *host) (err error) {
	read, err := c.read(h)
	if err != nil {
		return err
	}
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	service, err := c.open(h, "import", log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	call := tools.Call{Principal: policy.LocalPrincipal, CanAsk: c.Yes || c.DryRun || h.canAsk(), Agrees: c.Yes,
		ByHand: "import"}
	progress := &terminal.ProgressBar{Out: h.stderr}
	if terminal.Is(h.stderr) {
		call.Progress = showOn(progress)
		fmt.Fprintf(h.stderr, "Reading the contacts of %d rows…\n", len(read.Rows))
	}
	planned, err := service.pipeline.PlanImport(ctx, call, c.table(read))
	if err != nil {
		return h.refuse(err)
	}
	if err := c.tell(h, read, planned); err != nil {
		return err
	}
	path, err := c.claimReceipt()
	if err != nil {
		return err
	}
	if c.DryRun || planned.Nothing() {
		return c.preview(ctx, h, planned, path)
	}
	return c.write(ctx, h, service, planned, path, progress)
}

// write carries the import out, and writes its receipt to path.
func (c *importCmd) write(ctx context.Context, h *host, service *service, planned *tools.PlannedImport, path string,
	progress *terminal.ProgressBar) error {
	result, err := planned.Run(ctx, nil)
	if err == nil && result.Ask != nil {
		result, err = planned.Run(ctx, h.answer(ctx, *result.Ask, c.Yes))
	}
	progress.Clear()
	if ctx.Err() != nil {
		service.stop(ctx) // so that the receipt tells how it ended
	}
	if planned.Change() == "" && (err != nil || result.Err != nil) { // refused: there is nothing to record
		if err == nil {
			err = h.show(result)
		}
		return errors.Join(err, unclaim(path))
	}
	path, statusErr := c.unwritten(context.WithoutCancel(ctx), path, planned)
	if statusErr != nil {
		return errors.Join(err, statusErr)
	}
	counts, receiptErr := c.receipt(context.WithoutCancel(ctx), h, planned, path)
	if ctx.Err() != nil && receiptErr == nil && counts != "" {
		fmt.Fprintf(h.stderr, "The import was stopped: %s. The same command goes on with the rest.\n", counts)
		return errors.Join(err, errFailed)
	}
	if err != nil {
		return errors.Join(err, receiptErr)
	}
	if err := errors.Join(h.show(result), receiptErr); err != nil {
		return err
	}
	if terminal.Is(h.stderr) && planned.Change() != "" {
		fmt.Fprintf(h.stderr, "Put it back by: intercom-mcp changes undo %s\n", planned.Change())
	}
	flags, kept := c.repeated()
	return h.judge("import", result.JSON, flags, kept)
}

// read reads the file as it is now.
func (c *importCmd) read(h *host) (*table.Table, error) {
	in, name := h.stdin, "standard input"
	if c.File != "-" {
		name = c.File
		file, err := os.Open(c.File)
		if err != nil {
			return nil, &usageError{problem: err.Error()}
		}
		defer file.Close()
		info, err := file.Stat()
		switch {
		case err != nil:
			return nil, err
		case info.IsDir():
			return nil, &usageError{problem: name + " is a folder"}
		}
		in = file
		if info.Mode().IsRegular() {
			in = io.LimitReader(file, info.Size())
		}
	}
	read, err := table.Read(in, maxImport)
	if err != nil {
		return nil, &usageError{problem: name + ": " + err.Error()}
	}
	if len(read.Rows)+len(read.Bad) == 0 {
		return nil, &usageError{problem: name + " has titles and no rows"}
	}
	return read, nil
}

// table is what is to be imported.
func (c *importCmd) table(read *table.Table) tools.Import {
	fields := make(map[string]string)
	for title, field := range c.Map { // titles are read without the blanks around them
		fields[strings.TrimSpace(title)] = field
	}
	in := tools.Import{
		Titles: read.Header, Map: fields, Match: c.Match, CreateMissing: c.CreateMissing, AddTags: c.AddTag,
		RemoveTags: c.RemoveTag, ClearBlank: c.Blank == "clear", Dates: tools.DateOrder(c.Dates), StopAfter: c.StopAfter,
	}
	for _, row := range read.Rows {
		in.Rows = append(in.Rows, tools.ImportRow(row))
	}
	for _, bad := range read.Bad {
		in.Bad = append(in.Bad, tools.BadCell{Line: bad.Line, Text: bad.Text})
	}
	return in
}

// tell says what is wrong with the table, all of it, and what of it is not written. Unless the bad rows are to be
// skipped, they end the import.
func (c *importCmd) tell(h *host, read *table.Table, planned *tools.PlannedImport) error {
	for _, bad := range planned.Bad {
		place := fmt.Sprintf("line %d", bad.Line)
		if bad.Column != "" {
			place += fmt.Sprintf(", column %q", bad.Column)
		}
		fmt.Fprintf(h.stderr, "%s: %s\n", h.style(h.stderr).Red(place), bad.Text)
	}
	if len(planned.Ignored) > 0 {
		fmt.Fprintf(h.stderr, "Not written, since Intercom keeps these itself: %s.\n", strings.Join(planned.Ignored, ", "))
	}
	if planned.Empty > 0 {
		fmt.Fprintf(h.stderr, "Rows with nothing to write: %d.\n", planned.Empty)
	}
	rows := planned.BadRows()
	if rows == 0 {
		return nil
	}
	of := fmt.Sprintf("%d of %d rows are wrong", rows, len(read.Rows)+len(read.Bad))
	if rows == 1 {
		of = fmt.Sprintf("1 of %d rows is wrong", len(read.Rows)+len(read.Bad))
	}
	if !c.SkipBad && !c.DryRun {
		fmt.Fprintf(h.stderr, "intercom-mcp: %s; nothing was written. %s.\n", of,
			c.ways(planned, rows < len(read.Rows)+len(read.Bad)))
		return errFailed
	}
	fmt.Fprintf(h.stderr, "%s.\n", of)
	if c.SkipBad {
		return c.reject(h, read, planned)
	}
	return nil
}

// ways are the ways on from bad rows, where others are good or not.
func (c *importCmd) ways(planned *tools.PlannedImport, others bool) string {
	ways := []string{"Fix them"}
	if planned.NotFound > 0 && c.Match != "id" {
		ways = append(ways, "create who is not found with --create-missing")
	}
	if others {
		ways = append(ways, "write the others with --skip-bad")
	}
	last := len(ways) - 1
	if last == 0 {
		return ways[0]
	}
	return strings.Join(ways[:last], ", ") + ", or " + ways[last]
}

// preview ends a dry run, which fails where the import would.
func (c *importCmd) preview(ctx context.Context, h *host, planned *tools.PlannedImport, path string) error {
	preview, err := planned.Preview(ctx)
	if err != nil {
		return h.refuse(err)
	}
	fmt.Fprintln(h.stdout, preview)
	if _, err := c.receipt(ctx, h, planned, path); err != nil {
		return err
	}
	if planned.BadRows() > 0 && !c.SkipBad {
		return errFailed
	}
	return nil
}
