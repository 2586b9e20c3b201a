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
}

// mark says how far an export to a file has come, in a file beside it.
type mark struct {
	Export string     `json:"export"`
	Next   string     `json:"next"`
	Rows   int        `json:"rows"`
	Bytes  int64      `json:"bytes"`
	Gaps   tools.Gaps `json:"gaps"`
}

// begin begins an export that what describes, and goes on with one that was cut off. The file stays as it is until
// there is a row to write.
func (f outputFlags) begin(h *host, what ...any) (*exportFile, error) {
	o := &exportFile{flags: f, host: h, bar: &terminal.ProgressBar{Out: h.stderr}}
	if f.Output == "" {
		return o, nil
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
		return nil, &usageError{problem: f.Output + " holds the beginning of another export",
			try: "another --output, or remove " + o.markPath()}
	}
	if err := cut.checkFile(f.Output, o.markPath()); err != nil {
		return nil, err
	}
	o.next, o.at, o.rows, o.gaps = cut.Next, cut.Bytes, cut.Rows, cut.Gaps
	fmt.Fprintf(h.stderr, "Going on after %d rows.\n", o.rows)
	return o, nil
}

// open opens the file, if there is one, with nothing in it but the rows that the export goes on after.
func (o *exportFile) open() (err error) {
	if o.flags.Output == "" {
		return nil
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if o.next != "" {
		flags = os.O_WRONLY
	}
	if o.file, err = os.OpenFile(o.flags.Output, flags, 0o600); err != nil || o.next == "" {
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

func (o *exportFile) markPath() string { return o.flags.Output + ".partial" }

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
	if err := os.Remove(o.markPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fmt.Fprintf(o.host.stderr, "%d rows in %s\n", o.rows, o.flags.Output)
	return leftOut(&exported.Gaps)
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
	if o.next != "" {
		return fmt.Errorf("the export was cut off after %d rows; the same command goes on, by what %s notes: %w", o.rows,
			o.markPath(), err)
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
	if next == "" || o.file == nil {
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
	return o.file.Close()
}

// writeWhole writes a table in one run, which cannot be resumed.
func (f outputFlags) writeWhole(h *host, exported *tools.Exported) (err error) {
	out := &exportFile{flags: f, host: h, bar: &terminal.ProgressBar{Out: h.stderr}}
	defer func() { err = errors.Join(err, out.close()) }()
	return out.write(exported)
}
