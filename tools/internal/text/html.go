package text

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromHTML turns HTML into lines of text: paragraphs and line breaks are lines, items of lists begin with a dash or
// their number. Scripts, styles and comments are dropped; the text is cleaned after its entities were decoded.
func FromHTML(markup string) string {
	text, _ := fromHTML(markup)
	return text
}

// fromHTML also lists the characters that cleaning removed.
func fromHTML(markup string) (text string, removed []rune) {
	var p page
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken { // the end: the reader is a string
			return p.lines()
		}
		if kind == html.TextToken {
			p.text(string(tokens.Text()))
			continue
		}
		name, _ := tokens.TagName()
		switch tag := atom.Lookup(name); kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(tag)
		case html.EndTagToken:
			p.end(tag)
		}
	}
}

// page is the text of HTML, one line for each of a browser's.
type page struct {
	out    strings.Builder
	hidden int   // open elements that a browser does not show
	pre    int   // open elements in which breaks in the source are lines
	bullet int   // where the text of an item begins, if nothing of it was written yet
	broken int   // where the line that the last <br> began has its start
	lists  []int // the number of the last item of each open list; of one without numbers -1
}

// maxNested bounds the lists inside each other whose items are indented.
const maxNested = 8

// text adds text that is shown.
func (p *page) text(text string) {
	switch {
	case p.hidden > 0:
	case p.pre == 0:
		p.write(text)
	default:
		for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
			if i > 0 {
				p.breakLine(atom.Br)
			}
			p.write(line)
		}
	}
}

// write adds text of a line. Breaks in HTML's source are blanks.
func (p *page) write(text string) {
	text = strings.Map(func(r rune) rune {
		if isBreak(r) {
			return ' '
		}
		return r
	}, text)
	if p.out.Len() == p.bullet {
		text = strings.TrimLeft(text, " ")
	}
	p.out.WriteString(text)
}

// isHidden reports whether a browser shows nothing of what is in an element.
func isHidden(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Title, atom.Iframe, atom.Noembed, atom.Noframes:
		return true
	}
	return false
}

// start begins an element. One of HTML that is written as closed at once is not, unless it can have nothing in it.
func (p *page) start(tag atom.Atom) {
	if isHidden(tag) {
		p.hidden++
		return
	}
	switch tag {
	case atom.Ul, atom.Ol:
		number := 0
		if tag == atom.Ul {
			number = -1
		}
		p.lists = append(p.lists, number)
	case atom.Li:
		p.out.WriteString("\n" + p.mark())
		p.bullet = p.out.Len()
	case atom.Td, atom.Th:
		p.out.WriteByte(' ')
	case atom.Pre:
		p.breakLine(tag)
		p.pre++
	default:
		p.breakLine(tag)
	}
}

func (p *page) end(tag atom.Atom) {
	if isHidden(tag) {
		p.hidden = max(p.hidden-1, 0)
		return
	}
	switch tag {
	case atom.Pre:
		p.breakLine(tag)
		p.pre = max(p.pre-1, 0)
	case atom.Ul, atom.Ol:
		p.lists = p.lists[:max(len(p.lists)-1, 0)]
		p.out.WriteByte('\n')
	case atom.Br:
	case atom.P:
		p.breakLine(tag)
		if len(p.lists) == 0 {
			p.out.WriteString(emptyLine)
		}
	default:
		p.breakLine(tag)
	}
}

// emptyLine stands for an empty line where text is before and behind it: as a browser shows one between paragraphs.
// Text has no form feed, which is a break.
const emptyLine = "\f\n"

// mark begins an item of the innermost list.
func (p *page) mark() string {
	if len(p.lists) == 0 {
		return "- "
	}
	indent := strings.Repeat("\t", min(len(p.lists)-1, maxNested))
	last := &p.lists[len(p.lists)-1]
	if *last < 0 {
		return indent + "- "
	}
	*last++
	return indent + fmt.Sprintf("%d. ", *last)
}

// breakLine begins a line where an element is one of a browser's blocks.
func (p *page) breakLine(tag atom.Atom) {
	if p.out.Len() == p.bullet {
		return
	}
	switch tag {
	case atom.Br:
		if p.broken == p.out.Len() {
			p.out.WriteString(emptyLine)
		} else {
			p.out.WriteByte('\n')
		}
		p.broken = p.out.Len()
	case atom.P, atom.Div, atom.Li, atom.Tr, atom.Table, atom.Blockquote, atom.Pre, atom.Hr, atom.Section,
		atom.Article, atom.Header, atom.Footer, atom.Dl, atom.Dt, atom.Dd, atom.Figure,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		p.out.WriteByte('\n')
	}
}

// lines cleans the lines that have text. Blanks count once, as in a browser.
func (p *page) lines() (text string, removed []rune) {
	var lines []string
	empty := false
	for _, line := range strings.Split(p.out.String(), "\n") {
		if line == "\f" {
			empty = len(lines) > 0
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, "\t"))
		clean, hidden := cleaned(strings.Join(strings.FieldsFunc(line, isBlank), " "))
		removed = append(removed, hidden...)
		if clean != "" {
			if empty {
				lines, empty = append(lines, ""), false
			}
			lines = append(lines, strings.Repeat("  ", indent)+clean)
		}
	}
	return strings.Join(lines, "\n"), removed
}

// isBlank reports the blanks that HTML counts as one.
func isBlank(r rune) bool { return r == ' ' || r == '\t' }

// FromPlain writes plain text as the HTML that Intercom keeps notes in: nothing of the text is taken for markup, and
// its lines stay lines.
func FromPlain(text string) string {
	var out strings.Builder
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.Trim(text, " \t\r\n"))
	for _, paragraph := range strings.Split(text, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph != "" {
			out.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>") + "</p>")
		}
	}
	return out.String()
}
