package schemas

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// How many characters a message repeats of a value, and of another message.
const (
	maxQuoted  = 40
	maxMessage = 200
)

// visible makes a value, or a part of one, fit to be repeated.
func visible(text string) string { return tame(text, maxQuoted) }

// tame cuts text that somebody else wrote, and drops what cannot be seen:
// control characters, and those that change how the text around them reads.
func tame(text string, limit int) string {
	var out strings.Builder
	n := 0
	for _, r := range text {
		if r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl,
			unicode.Zp) {
			continue
		}
		if n == limit {
			return out.String() + "..."
		}
		out.WriteRune(r)
		n++
	}
	return out.String()
}

// quote puts visible text in quotation marks.
func quote(text string) string { return strconv.Quote(visible(text)) }

// describe names a JSON value for a message: its type, and itself if short.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("boolean %t", v)
	case json.Number:
		return "number " + visible(v.String())
	case string:
		return "string " + quote(v)
	case []any:
		return "an array"
	}
	return "an object"
}
