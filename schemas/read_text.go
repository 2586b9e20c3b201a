package schemas

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// argument reads a text that is no key.
func (r *reader) argument(schema *jsonschema.Schema) (string, bool) {
	text, ok := r.text()
	if n := len(text); n > maxText && schema != nil && slices.Contains(schema.Types, "string") && schema.MaxLength < 0 {
		r.long = append(r.long, problem(r.path(), Length, fmt.Sprintf("must have at most %d bytes, got %d", maxText, n)))
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return text, ok
}

// text reads a string.
func (r *reader) text() (string, bool) {
	if r.space(); r.pos == len(r.raw) || r.raw[r.pos] != '"' {
		return "", false
	}
	start, plain := r.pos, true
	for r.pos++; r.pos < len(r.raw) && r.raw[r.pos] != '"'; r.pos++ {
		switch c := r.raw[r.pos]; {
		case c == '\\':
			plain = false
			r.pos++
		case c < ' ' || c >= 0x80:
			plain = false
		}
	}
	if r.pos >= len(r.raw) {
		return "", false
	}
	r.pos++
	if plain {
		return string(r.raw[start+1 : r.pos-1]), true
	}
	var text string
	if json.Unmarshal(r.raw[start:r.pos], &text) != nil {
		return "", false
	}
	if strings.ContainsRune(text, unicode.ReplacementChar) && halfPair(r.raw[start:r.pos]) {
		r.refused = "half a surrogate pair"
		return "", false
	}
	return text, true
}

// halfPair reports whether a string of JSON holds a surrogate without its other
// half. encoding/json puts another character in its place, without a word.
func halfPair(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		unit, ok := escaped(raw[i:])
		if !ok {
			i++ // what the backslash hides
			continue
		}
		i += 5
		if !utf16.IsSurrogate(unit) {
			continue
		}
		other, _ := escaped(raw[i+1:])
		if utf16.DecodeRune(unit, other) == unicode.ReplacementChar {
			return true
		}
		i += 6
	}
	return false
}

// escaped reads the UTF-16 code unit of an escape like \u00e9 that text begins with.
func escaped(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(unit), err == nil
}

// quoted goes past a string without reading it.
func (r *reader) quoted() {
	for r.pos++; r.pos < len(r.raw) && r.raw[r.pos] != '"'; r.pos++ {
		if r.raw[r.pos] == '\\' {
			r.pos++
		}
	}
	r.pos = min(r.pos+1, len(r.raw))
}
