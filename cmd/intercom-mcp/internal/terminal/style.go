package terminal

import (
	"os"

	"golang.org/x/term"
)

// Is reports whether stream is a terminal.
func Is(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Columns is how many characters a line of the terminal that a stream writes to has; 0 where it is none.
func Columns(stream any) int {
	file, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// Style marks text with colour and weight. The zero Style leaves text as it is.
type Style struct{ Coloured bool }

// Bold returns text of more weight.
func (s Style) Bold(text string) string { return s.mark("1", text) }

// Faint returns text of less weight.
func (s Style) Faint(text string) string { return s.mark("2", text) }

// Red returns red text.
func (s Style) Red(text string) string { return s.mark("31", text) }

// Green returns green text.
func (s Style) Green(text string) string { return s.mark("32", text) }

// Cyan returns cyan text.
func (s Style) Cyan(text string) string { return s.mark("36", text) }

// mark surrounds text with an escape sequence (ECMA-48, SGR) and its reset.
func (s Style) mark(code, text string) string {
	if !s.Coloured || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
