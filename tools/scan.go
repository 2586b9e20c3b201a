package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The bounds of JSON that comes from outside.
const (
	maxScanBytes  = 512 << 10
	maxScanDepth  = 32
	maxScanKeys   = 1024 // in one object
	maxScanNumber = 400  // characters; the largest float64 written out has 309 digits
)

// ScanError tells why a JSON text is refused.
type ScanError struct {
	Reason string // one line
	Path   string // where, as in "params.arguments.where[0]"; "" at the top and for broken JSON
}

// Error returns reason and path in one line.
func (e *ScanError) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Reason + " at " + e.Path
}

// Scan looks over a JSON text before anything decodes it, and refuses what
// readers of JSON read differently or choke on: more than 512 KiB, 32 levels, or
// 1,024 keys in an object, keys that are there twice (or differ only by case,
// which encoding/json takes for the same), NUL characters, invalid UTF-8, surrogates without their other
// half, numbers that are not finite as a float64 (or zero only by underflow),
// and anything but one JSON value. Integers may be as large as they like within
// that: Scan reads nothing out. It takes linear time and no recursion; the
// error is a [*ScanError].
func Scan(raw []byte) error {
	if len(raw) > maxScanBytes {
		return &ScanError{Reason: fmt.Sprintf("more than %d KiB of JSON", maxScanBytes>>10)}
	}
	s := scanner{raw: raw}
	if err := s.tokens(); err != nil {
		return err
	}
	if !json.Valid(raw) {
		err := json.Unmarshal(raw, new(json.RawMessage)) // for the message
		return &ScanError{Reason: "broken JSON: " + clip(clean(fmt.Sprint(err)), 80)}
	}
	return nil
}

// scanner finds the tokens of a JSON text. It leaves the grammar to
// encoding/json, and must bear with texts that have none.
type scanner struct {
	raw    []byte
	pos    int
	levels []level // the objects and arrays around pos, outermost first
}

// fewKeys is how many keys of an object are compared one by one.
const fewKeys = 16

// level is where the scanner is within one object or array.
type level struct {
	array   bool
	index   int                 // of the item, in an array
	wantKey bool                // the next string is a key, in an object
	key     []byte              // the last key
	few     [][]byte            // the first keys, folded
	more    map[string]struct{} // all keys, folded, where there are many
}

// tokens goes through the text.
func (s *scanner) tokens() error {
	for s.pos < len(s.raw) {
		var err error
		switch c := s.raw[s.pos]; {
		case c == '{' || c == '[':
			err = s.open(c == '[')
		case c == '}' || c == ']':
			s.levels = s.levels[:max(0, len(s.levels)-1)]
			s.pos++
		case c == ',':
			if top := s.top(); top != nil {
				top.index++
				top.wantKey = !top.array
			}
			s.pos++
		case c == '"':
			err = s.text()
		case c == '-' || '0' <= c && c <= '9':
			err = s.number()
		default: // white space, colons, the letters of true, false and null
			s.pos++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// top returns the innermost level, or nil at the top.
func (s *scanner) top() *level {
	if len(s.levels) == 0 {
		return nil
	}
	return &s.levels[len(s.levels)-1]
}

// open enters an object or array.
func (s *scanner) open(array bool) error {
	if len(s.levels) == maxScanDepth {
		s.levels = s.levels[:4] // the beginning of the path will do
		return s.refuse("more than %d levels of JSON", maxScanDepth)
	}
	s.pos++
	if n := len(s.levels); n < cap(s.levels) { // what was there before left its room for keys
		s.levels = s.levels[:n+1]
		s.levels[n] = level{array: array, wantKey: !array, few: s.levels[n].few[:0]}
		return nil
	}
	s.levels = append(s.levels, level{array: array, wantKey: !array})
	return nil
}

// text goes through a string, and remembers it if it is a key.
func (s *scanner) text() error {
	s.pos++
	start := s.pos
	for s.pos < len(s.raw) && s.raw[s.pos] != '"' {
		switch c := s.raw[s.pos]; {
		case c == 0:
			return s.refuse("a NUL character")
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		case c < utf8.RuneSelf:
			s.pos++
		default:
			r, size := utf8.DecodeRune(s.raw[s.pos:])
			if r == utf8.RuneError && size == 1 {
				return s.refuse("invalid UTF-8")
			}
			s.pos += size
		}
	}
	if s.pos >= len(s.raw) {
		return nil // a string without an end is left to the grammar
	}
	s.pos++
	if top := s.top(); top != nil && top.wantKey {
		return s.key(top, s.raw[start:s.pos-1])
	}
	return nil
}

// key notes a key, still escaped, of an object.
func (s *scanner) key(object *level, raw []byte) error {
	object.wantKey = false
	object.key = raw
	if bytes.IndexByte(raw, '\\') >= 0 {
		var plain string
		if err := json.Unmarshal(append(append([]byte{'"'}, raw...), '"'), &plain); err != nil {
			return nil // left to the grammar
		}
		object.key = []byte(plain)
	}
	if object.holds(foldKey(object.key)) {
		return s.refuse("a key that is there twice")
	}
	if len(object.more) > maxScanKeys {
		return s.refuse("more than %d keys in one object", maxScanKeys)
	}
	return nil
}

// holds adds a folded key to an object, or reports that it is there.
func (l *level) holds(key []byte) bool {
	if l.more == nil {
		for _, other := range l.few {
			if bytes.Equal(key, other) {
				return true
			}
		}
		if len(l.few) < fewKeys {
			l.few = append(l.few, key)
			return false
		}
		l.more = make(map[string]struct{})
		for _, other := range l.few {
			l.more[string(other)] = struct{}{}
		}
	}
	if _, twice := l.more[string(key)]; twice {
		return true
	}
	l.more[string(key)] = struct{}{}
	return false
}

// foldKey maps keys that encoding/json takes for the same to one: all that
// differ from it by case only, U+212A (Kelvin) for k and the like included.
func foldKey(key []byte) []byte {
	lower, ascii := true, true
	for _, c := range key {
		lower = lower && (c < 'A' || c > 'Z')
		ascii = ascii && c < utf8.RuneSelf
	}
	switch {
	case ascii && lower: // most keys
		return key
	case ascii:
		return bytes.ToLower(key)
	}
	return bytes.Map(func(r rune) rune {
		smallest := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			smallest = min(smallest, other)
		}
		if 'A' <= smallest && smallest <= 'Z' {
			return smallest + ('a' - 'A')
		}
		return smallest
	}, key)
}

// escape goes through what a backslash begins.
func (s *scanner) escape() error {
	unit, ok := s.unit()
	switch {
	case !ok:
		s.pos = min(s.pos+2, len(s.raw))
		return nil
	case unit == 0:
		return s.refuse("a NUL character")
	}
	s.pos += 6
	if !utf16.IsSurrogate(unit) {
		return nil
	}
	other, ok := s.unit()
	if !ok || utf16.DecodeRune(unit, other) == unicode.ReplacementChar {
		return s.refuse("half a surrogate pair")
	}
	s.pos += 6
	return nil
}

// unit reads the UTF-16 code unit of an escape like \u00e9 that begins at pos.
func (s *scanner) unit() (rune, bool) {
	rest := s.raw[s.pos:]
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(rest[2:6]), 16, 16)
	return rune(unit), err == nil
}

// number goes through a number, and refuses what readers turn into infinity or
// zero, or take long over.
func (s *scanner) number() error {
	start, point, exponent := s.pos, false, -1
	for s.pos < len(s.raw) && numeric[s.raw[s.pos]] {
		switch s.raw[s.pos] {
		case '.':
			point = true
		case 'e', 'E':
			exponent = s.pos
		}
		s.pos++
	}
	text := s.raw[start:s.pos]
	switch {
	case len(text) > maxScanNumber:
		return s.refuse("a number of more than %d characters", maxScanNumber)
	case exponent < 0 && (!point && len(text) <= 300 || len(text) <= 100), exponent >= s.pos-3 && len(text) <= 100:
		return nil // far from the ends of what can be represented
	}
	f, err := strconv.ParseFloat(string(text), 64)
	switch {
	case err != nil && (f > 1 || f < -1): // infinite; other errors are left to the grammar
		return s.refuse("a number too large to represent")
	case err == nil && f == 0 && bytes.ContainsAny(mantissa(text), "123456789"):
		return s.refuse("a number too small to represent")
	}
	return nil
}

// numeric are the characters of numbers.
var numeric = func() (set [256]bool) {
	for _, c := range "0123456789+-.eE" {
		set[c] = true
	}
	return set
}()

// mantissa is what stands before a number's exponent.
func mantissa(number []byte) []byte {
	if i := bytes.IndexAny(number, "eE"); i >= 0 {
		return number[:i]
	}
	return number
}

// refuse makes the error for the place where the scanner is.
func (s *scanner) refuse(format string, args ...any) error {
	var path strings.Builder
	for i, level := range s.levels {
		switch {
		case level.array:
			fmt.Fprintf(&path, "[%d]", level.index)
		case !level.wantKey: // else no key belongs to this place
			if i > 0 {
				path.WriteByte('.')
			}
			path.WriteString(clip(clean(string(level.key)), 40))
		}
	}
	return &ScanError{Reason: fmt.Sprintf(format, args...), Path: path.String()}
}
