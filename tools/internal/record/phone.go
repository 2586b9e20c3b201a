package record

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// The ways in which spreadsheets, links and forms write what was a phone number.
var (
	// 3.2444E+10, of which the last digits are lost
	exponential = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$`) })
	// 32444123456.0
	fraction = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\+?\d{5,})[.,]0+$`) })
	// tel:+32444123456
	scheme = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`) })
)

// Phone returns a phone number as it is to be written, or says what of a text is none, and what number it seems to
// mean. Intercom keeps any text. Which digits a number has in a country is not checked.
func Phone(number string) (string, error) {
	number = strings.TrimSpace(number)
	if number == "" {
		return "", nil
	}
	why, meant := notOfPhone(number)
	if why == "" {
		return number, nil
	}
	next := "Write the number alone, such as +32444123456."
	if plain := strings.TrimSpace(meant); plain != "" && isPhone(plain) {
		next = fmt.Sprintf("If that is meant, write %q.", text.Clip(plain, 40))
	}
	return "", toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q %s.", text.Clip(text.Clean(number), 40), why), next)
}

func isPhone(number string) bool {
	why, _ := notOfPhone(number)
	return why == ""
}

// notOfPhone says why a text is no phone number, or is empty, and which one it may mean.
func notOfPhone(number string) (why, meant string) {
	switch {
	case strings.ContainsFunc(number, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
		return "holds characters that cannot be seen", text.Clean(number)
	case exponential().MatchString(number):
		return "is a number that a spreadsheet rounded: its last digits are lost", ""
	case fraction().MatchString(number):
		return "is a number with a fraction", fraction().FindStringSubmatch(number)[1]
	case strings.ContainsAny(number[:1], "'=\"`"):
		return "begins as spreadsheets mark a text or a formula", strings.Trim(number, "'=\"` ")
	case scheme().MatchString(number):
		meant, _, _ = strings.Cut(number[len(scheme().FindString(number)):], ";")
		return "is a link", strings.TrimLeft(meant, "/")
	case !strings.ContainsFunc(number, unicode.IsDigit):
		return "holds no digit", ""
	}
	return "", ""
}
