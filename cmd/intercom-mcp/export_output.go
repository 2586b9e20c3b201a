package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/table"
	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/tools"
)

// outputFlags say how and where a table is written.
type outputFlags struct {
	Format string `enum:"csv,jsonl" default:"csv" help:"${enum}."`
	Output string `short:"o" type:"path" placeholder:"FILE" help:"@export_output"`
	Raw    bool   `help:"Leave cells that a spreadsheet would run as a formula as they are."`
}

// exportFile is a table on its way to a file, or to standard output.
type exportFile struct {
	flags  outputFlags
	host   *host
	file   *os.File   // nil: standard output
	cut    *mark      // how far it has come; nil where it is written in one run
	next   string     // where it goes on
	at     int64      // bytes of the file before next
	sum    hash.Hash  // of the rows in the file
	rows   int        // in the file already
	gaps   tools.Gaps // before next
	bar    *terminal.ProgressBar
	target string // the file itself, where --output is a link to one
	direct bool   // it is no file that another could replace, such as a device
}

// newFile returns a table that is yet to be written.
func (f outputFlags) newFile(h *host) (*exportFile, error) {
	o := &exportFile{flags: f, host: h, bar: &terminal.ProgressBar{Out: h.stderr}, target: f.Output, sum: sha256.New()}
	info, err := os.Stat(f.Output)
	switch {
	case f.Output == "":
		return o, nil
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(f.Output)); err != nil {
			return nil, &usageError{problem: "the file cannot be written: " + err.Error(),
				try: "--output in a folder that is there"}
		}
		return o, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		o.direct = true
		return o, nil
	}
	o.target, err = filepath.EvalSymlinks(f.Output)
	return o, err
}

// begin begins an export that may go on with one that was cut off.
func (f outputFlags) begin(h *host) (*exportFile, error) {
	o, err := f.newFile(h)
	if err != nil {
		return nil, err
	}
	if o.cut, err = o.readMark(); o.cut == nil {
		o.cut = &mark{Began: time.Now()}
	}
	return o, err
}

// goOn goes on after the rows that are there, if this export is the one that was cut off, or else begins.
func (o *exportFile) goOn(of exportOf) error {
	if o.cut.Next == "" {
		o.cut.Of = of
		return nil
	}
	if err := o.refuseUnlike(o.cut.Of.unlike(of)); err != nil {
		return err
	}
	if err := o.checkPart(); err != nil {
		return err
	}
	o.next, o.at, o.rows, o.gaps = o.cut.Next, o.cut.Bytes, o.cut.Rows, o.cut.Gaps
	fmt.Fprintf(o.host.stderr, "Going on after %d rows.\n", o.rows)
	return nil
}

// open opens where the rows go until there are all, with nothing in it but those that the export goes on after.
func (o *exportFile) open() (err error) {
	if o.flags.Output == "" {
		return nil
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if o.next != "" {
		flags = os.O_WRONLY
	}
	if o.file, err = os.OpenFile(o.partPath(), flags, 0o600); err != nil || o.next == "" {
		return err
	}
	if err := o.file.Truncate(o.at); err != nil {
		return err
	}
	_, err = o.file.Seek(0, io.SeekEnd)
	return err
}

// partPath is the file in which the rows are until there are all.
func (o *exportFile) partPath() string {
	if o.direct {
		return o.target
	}
	return o.target + ".partial"
}

func (o *exportFile) markPath() string { return o.partPath() + ".json" }

// write writes a table to its end. What was written is kept when it is cut off.
func (o *exportFile) write(exported *tools.Exported) error {
	if len(exported.Masked) > 0 {
		fmt.Fprintf(o.host.stderr, "Left out, as the policy masks them: %s.\n", strings.Join(exported.Masked, ", "))
	}
	exported.Gaps.Add(o.gaps)
	var w table.Writer
	for row, err := range exported.Rows {
		if err == nil && w == nil {
			w, err = o.writer(exported.Columns)
		}
		if err == nil {
			err = w.WriteRow(row.Values)
		}
		if err == nil {
			o.rows++
			err = o.markAt(row.Next, exported.Gaps)
		}
		if err != nil {
			o.tellCells(&exported.Gaps)
			return errors.Join(o.cutOff(err), leftOut(&exported.Gaps))
		}
		if terminal.Is(o.host.stderr) && (row.Next != "" || o.rows%50 == 0) {
			o.bar.Show(terminal.Progress{Done: o.rows, Total: max(row.Total, 0), Message: fmt.Sprintf("%d rows", o.rows)})
		}
	}
	o.bar.Clear()
	if w == nil { // no rows
		if _, err := o.writer(exported.Columns); err != nil {
			return err
		}
	}
	o.tellCells(&exported.Gaps)
	if o.file == nil {
		return leftOut(&exported.Gaps)
	}
	if err := o.complete(); err != nil {
		return err
	}
	fmt.Fprintf(o.host.stderr, "%d rows in %s\n", o.rows, o.flags.Output)
	return leftOut(&exported.Gaps)
}

// complete puts the rows in the place of the file as it was.
func (o *exportFile) complete() error {
	if o.direct {
		return nil
	}
	if was, err := os.Stat(o.target); err == nil {
		if err := os.Chmod(o.partPath(), was.Mode().Perm()); err != nil {
			return err
		}
	}
	err := errors.Join(o.whole(), o.file.Sync(), o.close())
	if err == nil {
		err = os.Rename(o.partPath(), o.target)
	}
	if err != nil {
		return err
	}
	if err := os.Remove(o.markPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tellCells tells of cells that are empty though Intercom has something there.
func (o *exportFile) tellCells(gaps *tools.Gaps) {
	if said := gaps.Emptied(); said != "" {
		fmt.Fprintln(o.host.stderr, said)
	}
}

// leftOut is the error of an export that lacks rows; the others are written.
func leftOut(gaps *tools.Gaps) error {
	if said := gaps.LeftOut(); said != "" {
		return errors.New(said)
	}
	return nil
}

// cutOff words the error that ends an export.
func (o *exportFile) cutOff(err error) error {
	o.bar.Clear()
	switch {
	case o.next != "":
		return fmt.Errorf("the export was cut off after %d rows; the same command goes on after those in %s: %w", o.rows,
			o.partPath(), err)
	case o.file != nil && !o.direct:
		return fmt.Errorf("the export was cut off after %d rows; those are in %s, and %s is as it was: %w", o.rows,
			o.partPath(), o.flags.Output, err)
	}
	return fmt.Errorf("the export was cut off after %d rows: %w", o.rows, err)
}

// writer opens the output, and writes rows in the format that is wanted.
func (o *exportFile) writer(columns []string) (table.Writer, error) {
	if err := o.open(); err != nil {
		return nil, err
	}
	var to io.Writer = o.host.stdout
	if o.file != nil {
		to = io.MultiWriter(o.file, o.sum)
	}
	if o.flags.Format == "jsonl" {
		return table.NewJSONL(to, columns), nil
	}
	if o.next != "" {
		columns = nil // they are there
	}
	return table.NewCSV(to, columns, o.flags.Raw)
}

// close closes the file.
func (o *exportFile) close() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	o.file = nil
	return err
}

// writeWhole writes a table that is called name in one run, which cannot be resumed.
func (f outputFlags) writeWhole(h *host, name string, exported *tools.Exported) (err error) {
	out, err := f.newFile(h)
	if err != nil {
		return err
	}
	cut, err := out.readMark()
	if err != nil {
		return err
	}
	if cut != nil {
		if err := out.refuseUnlike(cut.Of[:1].unlike(exportOf{{"table", []string{name}}})); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, out.close()) }()
	return out.write(exported)
}
