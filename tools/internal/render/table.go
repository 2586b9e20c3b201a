package render

import (
	"fmt"
	"time"
	"unicode/utf8"

	"intercom-mcp/schemas/strictjson"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Table is the answer of every list: rows of text under named columns, how many there are in all where Intercom tells,
// and the cursor that, with the same arguments, brings the rows that follow.
type Table struct {
	Columns    []string   `json:"columns"`
	Rows       [][]string `json:"rows"`
	Total      *int       `json:"total,omitempty"`
	NextCursor string     `json:"next_cursor,omitempty"`
	Note       string     `json:"note,omitempty"`
}

// Cursor is where the answer has its cursor.
func (t *Table) Cursor() *string { return &t.NextCursor }

// AddNote adds a remark to the answer.
func (t *Table) AddNote(note string) { t.Note = text.JoinNotes(t.Note, note) }

const (
	// maxAnswer bounds an answer, in bytes of JSON.
	maxAnswer = 24_000
	// MaxCell bounds one cell of a list, in characters.
	MaxCell = 200
)

// Fit drops the rows that do not fit an answer, and says so.
func (t *Table) Fit() error {
	rows := len(t.Rows)
	kept, err := t.fit()
	if kept < rows {
		t.AddNote(fmt.Sprintf("cut to %d of %d rows to fit", kept, rows))
	}
	return err
}

// fit drops rows until the table fits an answer, and returns how many stayed.
func (t *Table) fit() (int, error) {
	if t.size() <= maxAnswer {
		return len(t.Rows), nil
	}
	for {
		encoded, err := strictjson.Encode(t)
		if err != nil {
			return 0, err
		}
		if len(encoded) <= maxAnswer || len(t.Rows) <= 1 {
			return len(t.Rows), nil
		}
		keep := len(t.Rows) * maxAnswer / len(encoded)
		t.Rows = t.Rows[:max(1, min(keep, len(t.Rows)-1))]
	}
}

// size is at least how many bytes of JSON the table is. It is not much more where the texts need no escapes.
func (t *Table) size() int {
	size := len(`{"columns":,"rows":[],"total":-9223372036854775808,"next_cursor":"","note":""}`) + rowSize(t.Columns) +
		rowSize([]string{t.NextCursor, t.Note})
	for _, row := range t.Rows {
		size += rowSize(row)
	}
	return size
}

// rowSize is that of a list of texts and the comma after it.
func rowSize(cells []string) int {
	size := len("[],")
	for _, cell := range cells {
		size += len(cell) + len(`"",`) + 5*escaped(cell)
	}
	return size
}

// escaped is how many bytes of a text JSON may write otherwise.
func escaped(text string) int {
	n := 0
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// Cell shows a value in a list: times as UTC days, text on one line.
func Cell(k record.Kind, v any) string {
	if v == nil {
		return ""
	}
	if k == record.KindTime {
		if t, ok := record.AsTime(v); ok {
			return t.Format(time.DateOnly)
		}
	}
	return text.Clip(record.Scalar(v), MaxCell)
}

// Flag shows a flag in a list: only where it is set.
func Flag(v bool) string {
	if v {
		return "yes"
	}
	return ""
}
