package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Writer writes the rows of a table. A row is on its way to the file when WriteRow returns.
type Writer interface {
	// WriteRow writes a row, whose values are text, booleans, [json.Number], lists of text, or nil, a column each.
	WriteRow(values []any) error
}

// NewCSV returns a writer of CSV. Cells that a spreadsheet would run are guarded, unless raw; a header is written
// first, unless titles is nil.
func NewCSV(w io.Writer, titles []string, raw bool) (Writer, error) {
	c := &csvWriter{csv.NewWriter(w), raw}
	if titles == nil {
		return c, nil
	}
	return c, c.write(titles)
}

type csvWriter struct {
	csv *csv.Writer
	raw bool
}

// WriteRow implements [Writer].
func (c *csvWriter) WriteRow(values []any) error {
	cells := make([]string, len(values))
	for i, value := range values {
		cells[i] = formatCell(value)
	}
	return c.write(cells)
}

func (c *csvWriter) write(cells []string) error {
	if !c.raw {
		guarded := make([]string, len(cells))
		for i, cell := range cells {
			guarded[i] = guard(cell)
		}
		cells = guarded
	}
	if err := c.csv.Write(cells); err != nil {
		return err
	}
	c.csv.Flush()
	return c.csv.Error()
}

// formatCell writes a value as a cell. A list is a line of CSV itself, so that a name may hold a comma.
func formatCell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return joinList(v)
	}
	return fmt.Sprint(value)
}

// joinList writes a list as one cell.
func joinList(list []string) string {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(list) // to memory
	w.Flush()
	return strings.TrimSuffix(out.String(), "\n")
}

// NewJSONL returns a writer of one JSON object per line, with a member for each column that has a value.
func NewJSONL(w io.Writer, columns []string) Writer { return &jsonWriter{w, columns} }

type jsonWriter struct {
	w       io.Writer
	columns []string
}

// WriteRow implements [Writer].
func (j *jsonWriter) WriteRow(values []any) error {
	line := []byte{'{'}
	for i, value := range values {
		if value == nil {
			continue
		}
		if len(line) > 1 {
			line = append(line, ',')
		}
		name, err := encoded(j.columns[i])
		if err != nil {
			return err
		}
		text, err := encoded(value)
		if err != nil {
			return err
		}
		line = append(append(append(line, name...), ':'), text...)
	}
	_, err := j.w.Write(append(line, '}', '\n'))
	return err
}

// encoded is a value as JSON that leaves text as readable as it is.
func encoded(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
