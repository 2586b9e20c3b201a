package terminal

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// widestPage is how many characters a line of a page has at most, on the widest terminal.
const widestPage = 100

// Page lays a page of Markdown out for a terminal of so many columns: it wraps paragraphs and lists, aligns a table, or
// makes a list of one that is too wide. Code stays as it is.
func Page(text string, columns int, style Style) string {
	p := &page{columns: min(columns, widestPage), style: style}
	for line := range strings.Lines(text) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	p.flush()
	return p.out.String()
}

// page is a page that is being laid out.
type page struct {
	out     strings.Builder
	columns int
	style   Style
	code    bool     // the lines are of a block of code
	block   []string // lines of a paragraph, an item or a table that goes on
}

// itemMark is what a line of a list begins with.
var itemMark = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ *(- |\d+\. )?`) })

// line lays out the next line.
func (p *page) line(line string) {
	text := strings.TrimSpace(line)
	isItem := itemMark().FindStringSubmatch(line)[1] != ""
	switch {
	case strings.HasPrefix(text, "```"):
		p.flush()
		p.code = !p.code
	case p.code:
		p.print(p.style.Cyan("  " + line))
	case strings.HasPrefix(text, "<!--"):
		p.flush()
	case strings.HasPrefix(line, "#"):
		p.flush()
		p.print(p.style.Bold(line))
	case text == "", strings.HasPrefix(line, ">"):
		p.flush()
		p.print(line)
	default:
		if isItem || len(p.block) > 0 && isRow(p.block[0]) != isRow(line) {
			p.flush()
		}
		p.block = append(p.block, line)
	}
}

func (p *page) print(line string) { p.out.WriteString(strings.TrimRight(line, " ") + "\n") }

// flush lays out the block that has come to its end.
func (p *page) flush() {
	switch {
	case len(p.block) == 0:
	case isRow(p.block[0]):
		p.table(p.block)
	default:
		mark := itemMark().FindString(p.block[0])
		p.wrapped(mark, strings.Repeat(" ", len(mark)), strings.Join(p.block, "\n")[len(mark):])
	}
	p.block = nil
}

// wrapped prints a text behind a mark; its further lines begin with indent, which is as long.
func (p *page) wrapped(mark, indent, text string) {
	text = Wrap(text, p.columns-len(indent))
	if p.style.Coloured {
		text = boldText().ReplaceAllString(text, p.style.Bold("$1"))
	}
	p.print(mark + strings.ReplaceAll(text, "\n", "\n"+indent))
}

var boldText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)\*\*(.+?)\*\*`) })

// isRow reports whether a line is of a table.
func isRow(line string) bool { return strings.HasPrefix(line, "|") }

// table prints the rows of a table, of which the second is a rule.
func (p *page) table(lines []string) {
	var rows [][]string
	for i, line := range lines {
		if i == 1 {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		rows = append(rows, cells)
	}
	widths := make([]int, len(rows[0]))
	total := -2
	for column := range widths {
		for _, cells := range rows {
			if column < len(cells) {
				widths[column] = max(widths[column], utf8.RuneCountInString(cells[column]))
			}
		}
		total += widths[column] + 2
	}
	if total > p.columns {
		p.listed(rows)
		return
	}
	for i, cells := range rows {
		line := ""
		for column, cell := range cells {
			line += cell + strings.Repeat(" ", max(0, widths[min(column, len(widths)-1)]-utf8.RuneCountInString(cell))+2)
		}
		if line = strings.TrimRight(line, " "); i == 0 {
			line = p.style.Bold(line)
		}
		p.print(line)
	}
}

// listed prints the rows of a table as a list: the first cell, and below it the others, by the titles of their columns
// where there are several.
func (p *page) listed(rows [][]string) {
	const indent = "    "
	for _, cells := range rows[1:] {
		p.print(p.style.Bold(Wrap(cells[0], p.columns)))
		for column, cell := range cells[1:] {
			if title := rows[0][min(column+1, len(rows[0])-1)]; len(cells) > 2 && title != "" {
				cell = title + ": " + cell
			}
			if cell != "" {
				p.wrapped(indent, indent, cell)
			}
		}
	}
}

// Wrap breaks text at blanks, into lines of so many characters where its words are no longer. Each begins with the
// blanks that text begins with. With 0 columns it leaves text as it is.
func Wrap(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	var out strings.Builder
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	out.WriteString(indent)
	used := 0
	for word := range strings.FieldsSeq(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case used == 0:
		case len(indent)+used+1+length > columns:
			out.WriteString("\n" + indent)
			used = 0
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += length
	}
	return out.String()
}
