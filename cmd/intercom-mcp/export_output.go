package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	flags   outputFlags
	host    *host
	file    *os.File   // nil: standard output
	binding string     // of what is exported
	next    string     // where it goes on
	at      int64      // bytes of the file before next
	rows    int        // in the file already
	gaps    tools.Gaps // before next
	bar     *terminal.ProgressBar
	target  string // the file itself, where --output is a link to one
	direct  bool   // it is no file that another could replace, such as a device
}

// newFile returns a table that is yet to be written.
func (f outputFlags) newFile(h *host) (*exportFile, error) {
	o := &exportFile{flags: f, host: h, bar: &terminal.ProgressBar{Out: h.stderr}, target: f.Output}
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

// mark says how far an export to a file has come, in a file beside it.
type mark struct {
	Export string     `json:"export"`
	Next   string     `json:"next"`
	Rows   int        `json:"rows"`
	Bytes  int64      `json:"bytes"`
	Gaps   tools.Gaps `json:"gaps"`
}

// begin begins an export that what describes, and goes on with one that was cut off.
func (f outputFlags) begin(h *host, what ...any) (*exportFile, error) {
	o, err := f.newFile(h)
	if f.Output == "" || err != nil || o.direct {
		return o, err
	}
	described, err := json.Marshal(append(what, f.Format))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(described)
	o.binding = hex.EncodeToString(sum[:])
	cut, err := readMark(o.markPath())
	if err != nil {
		return nil, err
	}
	if cut == nil {
		return o, nil
	}
	if cut.Export != o.binding {
		return nil, &usageError{problem: o.partPath() + " holds the beginning of another export",
			try: "another --output, or remove " + o.markPath()}
	}
	if err := cut.checkFile(o.partPath(), o.markPath()); err != nil {
		return nil, err
	}
	o.next, o.at, o.rows, o.gaps = cut.Next, cut.Bytes, cut.Rows, cut.Gaps
	fmt.Fprintf(h.stderr, "Going on after %d rows.\n", o.rows)
	return o, nil
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

// checkFile refuses to go on in a file that lacks some of what was exported to it.
func (m *mark) checkFile(path, markPath string) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() >= m.Bytes || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &usageError{problem: fmt.Sprintf("%s no longer holds the %d rows that were exported to it", path, m.Rows),
		try: "remove " + markPath + ", and run the command again to begin anew"}
}

// partPath is the file in which the rows are until there are all.
func (o *exportFile) partPath() string {
	if o.direct {
		return o.target
	}
	return o.target + ".partial"
}

func (o *exportFile) markPath() string { return o.partPath() + ".json" }

// readMark reads a mark; nil where there is none.
func readMark(path string) (*mark, error) {
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := new(mark)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

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
	err := errors.Join(o.file.Sync(), o.close())
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
		to = o.file
	}
	if o.flags.Format == "jsonl" {
		return table.NewJSONL(to, columns), nil
	}
	if o.next != "" {
		columns = nil // they are there
	}
	return table.NewCSV(to, columns, o.flags.Raw)
}

// markAt marks that the export goes on at next.
func (o *exportFile) markAt(next string, gaps tools.Gaps) error {
	if next == "" || o.file == nil || o.direct {
		return nil
	}
	at, err := o.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	body, err := json.Marshal(mark{o.binding, next, o.rows, at, gaps})
	if err != nil {
		return err
	}
	temporary := o.markPath() + ".new"
	if err := os.WriteFile(temporary, body, 0o600); err != nil {
		return err
	}
	o.next = next
	return os.Rename(temporary, o.markPath())
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

// writeWhole writes a table in one run, which cannot be resumed.
func (f outputFlags) writeWhole(h *host, exported *tools.Exported) (err error) {
	out, err := f.newFile(h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	return out.write(exported)
}
