package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"intercom-mcp/tools/internal/text"
	"strings"
)

// The bounds of JSON that comes from outside.
const (
	maxScanBytes   = 512 << 10
	maxScanDepth   = 32
	maxScanKeys    = 1024 // in one object
	maxScanMembers = 6000 // in all objects together: 200 updates of a contact with 28 members each
	maxScanNumber  = 400  // characters; the largest float64 written out has 309 digits
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
// readers of JSON read differently or choke on: more than 512 KiB, 32 levels, 1,024
// keys in an object, or 6,000 in all; keys that are there twice (or differ only by
// case, which encoding/json takes for the same), NUL characters, invalid UTF-8,
// surrogates without their other half, numbers that are not finite as a float64 or
// below the smallest normal one, numbers of more than 19 digits with an exponent
// beyond 22, and anything but one JSON value. Integers may be as large as they
// like within that: Scan reads nothing out. It goes over the text once, without
// recursion, in about two milliseconds for the largest; the error is a [*ScanError].
func Scan(raw []byte) error {
	if len(raw) > maxScanBytes {
		return &ScanError{Reason: fmt.Sprintf("more than %d KiB of JSON", maxScanBytes>>10)}
	}
	s := scanner{raw: raw}
	err := s.tokens()
	if errors.Is(err, errBroken) {
		why := json.Unmarshal(raw, new(json.RawMessage)) // for the message
		return &ScanError{Reason: "broken JSON: " + text.Clip(text.Clean(fmt.Sprint(why)), 80)}
	}
	return err
}

// errBroken is a text that is no JSON at all.
var errBroken = errors.New("broken JSON")

// scanner goes through a JSON text token by token.
type scanner struct {
	raw     []byte
	pos     int
	want    wanted
	members int     // keys so far
	levels  []level // the objects and arrays around pos, outermost first
	room    []byte  // for keys that are compared in another form
}

// wanted is what may come next.
type wanted uint8

const (
	wantValue  wanted = iota
	wantItem          // the first of an array, or its end
	wantMember        // the first key of an object, or its end
	wantKey
	wantColon
	wantNext // a comma, or the end of what the value stands in
)

// level is where the scanner is within one object or array.
type level struct {
	array bool
	index int    // of the item, in an array
	key   []byte // the last key, in an object; nil before the next one is read
	keys  keySet
}

// tokens goes through the text.
func (s *scanner) tokens() error {
	for {
		for s.pos < len(s.raw) && space[s.raw[s.pos]] {
			s.pos++
		}
		if s.pos == len(s.raw) {
			if len(s.levels) > 0 || s.want != wantNext {
				return errBroken
			}
			return nil
		}
		var err error
		switch c := s.raw[s.pos]; s.want {
		case wantNext:
			err = s.next(c)
		case wantColon:
			if err = errBroken; c == ':' {
				s.pos++
				s.want, err = wantValue, nil
			}
		case wantMember, wantKey:
			switch err = errBroken; {
			case c == '"':
				err = s.key()
			case c == '}' && s.want == wantMember:
				err = s.close()
			}
		default:
			if c == ']' && s.want == wantItem {
				err = s.close()
			} else {
				err = s.value(c)
			}
		}
		if err != nil {
			return err
		}
	}
}

// next goes on after a value.
func (s *scanner) next(c byte) error {
	if len(s.levels) == 0 {
		return errBroken
	}
	top := &s.levels[len(s.levels)-1]
	switch {
	case c == ',' && top.array:
		s.pos++
		top.index++
		s.want = wantValue
	case c == ',':
		s.pos++
		top.key = nil
		s.want = wantKey
	case c == ']' && top.array, c == '}' && !top.array:
		return s.close()
	default:
		return errBroken
	}
	return nil
}

// value goes through a value, or enters it.
func (s *scanner) value(c byte) error {
	s.want = wantNext
	switch {
	case c == '"':
		_, err := s.text()
		return err
	case c == '{' || c == '[':
		return s.open(c == '[')
	case '1' <= c && c <= '9' && s.short():
		return nil
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if c == word[0] && strings.HasPrefix(string(s.raw[s.pos:min(s.pos+len(word), len(s.raw))]), word) {
			s.pos += len(word)
			return nil
		}
	}
	return errBroken
}

// open enters an object or array.
func (s *scanner) open(array bool) error {
	if len(s.levels) == maxScanDepth {
		s.levels = s.levels[:4] // the beginning of the path will do
		return s.refuse("more than %d levels of JSON", maxScanDepth)
	}
	s.pos++
	s.want = wantMember
	if array {
		s.want = wantItem
	}
	n := len(s.levels)
	if n == cap(s.levels) {
		s.levels = append(s.levels, level{array: array})
		return nil
	}
	s.levels = s.levels[:n+1] // what was there before left its room for keys
	top := &s.levels[n]
	top.array, top.index, top.key = array, 0, nil
	top.keys.clear()
	return nil
}

// close leaves an object or array.
func (s *scanner) close() error {
	s.pos++
	s.levels = s.levels[:len(s.levels)-1]
	s.want = wantNext
	return nil
}

// key goes through a key, and notes it.
func (s *scanner) key() error {
	raw, err := s.text()
	if err != nil {
		return err
	}
	s.want = wantColon
	top := &s.levels[len(s.levels)-1]
	top.key = s.plain(raw)
	if top.keys.holds(s.fold(top.key)) {
		return s.refuse("a key that is there twice")
	}
	if len(top.keys.list) > maxScanKeys {
		return s.refuse("more than %d keys in one object", maxScanKeys)
	}
	if s.members++; s.members > maxScanMembers {
		s.levels = nil // it is nobody's fault in particular
		return s.refuse("more than 6,000 members; send fewer at a time")
	}
	return nil
}

// space are the characters that may stand between tokens.
var space = [256]bool{' ': true, '\t': true, '\r': true, '\n': true}

// refuse makes the error for the place where the scanner is.
func (s *scanner) refuse(format string, args ...any) error {
	var path strings.Builder
	for i, level := range s.levels {
		switch {
		case level.array:
			fmt.Fprintf(&path, "[%d]", level.index)
		case level.key != nil: // else no key belongs to this place
			if i > 0 {
				path.WriteByte('.')
			}
			path.WriteString(text.Clip(text.Clean(string(level.key)), 40))
		}
	}
	return &ScanError{Reason: fmt.Sprintf(format, args...), Path: path.String()}
}
