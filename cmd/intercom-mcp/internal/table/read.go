package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// maxCell is how long a cell may be, in bytes.
	maxCell = 64 << 10
	// maxColumns is how many columns a table may have.
	maxColumns = 200
	// maxBytes is how much of a file is read.
	maxBytes = 256 << 20
	// zipped is how archives begin, of which workbooks are some.
	zipped = "PK\x03\x04"
)

// Table is a table as it was read.
type Table struct {
	Header []string
	Rows   []Row
	Bad    []Problem // rows that cannot be read; they are not among Rows

	before int // lines before the header
}

// Row is one row of a table, with as many cells as the header has.
type Row struct {
	Line  int // of the file, from 1, where the row begins
	Cells []string
}

// Problem is why a row cannot be read.
type Problem struct {
	Row
	Text string
}

// Read reads a table of at most maxRows rows: UTF-8 with or without a byte order mark, or UTF-16 with one, separated by
// commas, semicolons or tabs, whichever the header has most of, or by what a line such as sep=; before it names. An
// error is about the table as a whole.
func Read(r io.Reader, maxRows int) (*Table, error) {
	raw := bufio.NewReader(io.LimitReader(r, maxBytes+1))
	if err := refuseWorkbook(raw); err != nil {
		return nil, err
	}
	decoded := transform.NewReader(raw, unicode.BOMOverride(transform.Nop))
	in := bufio.NewReaderSize(&plain{r: decoded}, 64<<10)
	separator, before, err := separatorOf(in)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(in)
	reader.Comma, reader.FieldsPerRecord = separator, -1
	t := &Table{before: before}
	if t.Header, err = reader.Read(); err != nil {
		return nil, t.wrongWhole(err)
	}
	if err := t.checkHeader(); err != nil {
		return nil, err
	}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, t.wrongWhole(err)
		}
		if len(t.Rows)+len(t.Bad) == maxRows {
			return nil, fmt.Errorf("the table has more than %d rows; split the file", maxRows)
		}
		t.add(reader, cells)
	}
}

// add adds a row, or says why it cannot be read.
func (t *Table) add(reader *csv.Reader, cells []string) {
	line, _ := reader.FieldPos(0)
	line += t.before
	if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return // spreadsheets leave rows of separators at the end
	}
	long := slices.IndexFunc(cells, func(cell string) bool { return len(cell) > maxCell })
	for i, cell := range cells { // of bad rows, too, which are written again
		cells[i] = unguard(cell)
	}
	if len(cells) != len(t.Header) {
		t.Bad = append(t.Bad, Problem{Row{line, cells}, fmt.Sprintf("the row has %d cells, the header %d", len(cells),
			len(t.Header))})
		return
	}
	if long >= 0 {
		t.Bad = append(t.Bad, Problem{Row{line, cells},
			fmt.Sprintf("column %q: the cell has %d bytes, the limit is %d", t.Header[long], len(cells[long]), maxCell)})
		return
	}
	t.Rows = append(t.Rows, Row{line, cells})
}

// checkHeader refuses a first row that names no columns.
func (t *Table) checkHeader() error {
	if len(t.Header) > maxColumns {
		return fmt.Errorf("the table has %d columns, the limit is %d", len(t.Header), maxColumns)
	}
	for i, title := range t.Header {
		t.Header[i] = unguard(strings.TrimSpace(title))
		if len(title) > 200 {
			return fmt.Errorf("line %d: the title of column %d has %d bytes; is it a row without a header?", t.before+1, i+1,
				len(title))
		}
	}
	if !slices.ContainsFunc(t.Header, func(title string) bool { return title != "" }) {
		return fmt.Errorf("line %d: the header is empty", t.before+1)
	}
	return nil
}

// wrongWhole words an error of reading a table.
func (t *Table) wrongWhole(err error) error {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.As(err, &parse):
		return fmt.Errorf("line %d: a \" that opens no cell, or is not closed; the row begins in line %d",
			t.before+parse.Line, t.before+parse.StartLine)
	}
	return err
}

// plain passes on text that is UTF-8 and has no NUL, and fails at what is not.
type plain struct {
	r    io.Reader
	line int    // of what was passed on
	size int64  // of what was read, in bytes
	rest []byte // an unfinished character
}

var (
	errEncoding = errors.New("is not UTF-8; save the table as \"CSV UTF-8\"")
	errNUL      = errors.New("has a NUL character; save the table as \"CSV UTF-8\"")
	errTooLong  = fmt.Errorf("the file is longer than %d MiB", maxBytes>>20)
)

// Read implements [io.Reader].
func (p *plain) Read(buf []byte) (int, error) {
	if len(buf) < utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	n := copy(buf, p.rest)
	p.rest = nil
	m, err := p.r.Read(buf[n:])
	if p.size += int64(m); p.size > maxBytes {
		return 0, errTooLong
	}
	n += m
	whole := n
	if err == nil {
		whole = wholeRunes(buf[:n])
		p.rest = slices.Clone(buf[whole:n])
	}
	for i := 0; i < whole; {
		r, size := utf8.DecodeRune(buf[i:whole])
		switch {
		case r == utf8.RuneError && size == 1:
			return 0, fmt.Errorf("line %d %w", p.line+1, errEncoding)
		case r == 0:
			return 0, fmt.Errorf("line %d %w", p.line+1, errNUL)
		case r == '\n':
			p.line++
		}
		i += size
	}
	return whole, err
}

// wholeRunes is how many bytes of text end with a whole character.
func wholeRunes(text []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if utf8.FullRune(text[at:]) {
				return len(text)
			}
			return at
		}
	}
	return len(text)
}
