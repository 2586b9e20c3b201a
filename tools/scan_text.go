package tools

import (
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// text goes through a string, and returns what stands between its quotes.
func (s *scanner) text() ([]byte, error) {
	s.pos++
	start := s.pos
	for {
		for s.pos < len(s.raw) && plain[s.raw[s.pos]] {
			s.pos++
		}
		if s.pos == len(s.raw) {
			return nil, errBroken
		}
		switch c := s.raw[s.pos]; {
		case c == '"':
			s.pos++
			return s.raw[start : s.pos-1], nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return nil, err
			}
		case c == 0:
			return nil, s.refuse("a NUL character")
		case c < ' ':
			return nil, errBroken
		default:
			r, size := utf8.DecodeRune(s.raw[s.pos:])
			if r == utf8.RuneError && size == 1 {
				return nil, s.refuse("invalid UTF-8")
			}
			s.pos += size
		}
	}
}

// plain are the bytes that mean themselves in a string.
var plain = func() (set [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

// escape goes through what a backslash begins.
func (s *scanner) escape() error {
	if s.pos+1 == len(s.raw) {
		return errBroken
	}
	if c := s.raw[s.pos+1]; c != 'u' {
		if escapes[c] == 0 {
			return errBroken
		}
		s.pos += 2
		return nil
	}
	first, ok := unit(s.raw[s.pos:])
	switch {
	case !ok:
		return errBroken
	case first == 0:
		return s.refuse("a NUL character")
	}
	s.pos += 6
	if !utf16.IsSurrogate(first) {
		return nil
	}
	other, ok := unit(s.raw[s.pos:])
	if !ok || utf16.DecodeRune(first, other) == unicode.ReplacementChar {
		return s.refuse("half a surrogate pair")
	}
	s.pos += 6
	return nil
}

// escapes are the characters that a backslash and a letter stand for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unit reads the UTF-16 code unit of an escape like \u00e9 that text begins with.
func unit(text []byte) (unit rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	return unit, true
}

// short goes through a number of a few digits and nothing else, as most are.
func (s *scanner) short() bool {
	end := s.pos + 1
	for end < len(s.raw) && '0' <= s.raw[end] && s.raw[end] <= '9' {
		end++
	}
	if end == len(s.raw) || end > s.pos+18 || s.raw[end] == '.' || s.raw[end]|0x20 == 'e' {
		return false
	}
	s.pos = end
	return true
}

// number goes through a number, and refuses what readers turn into infinity or
// round to a part of its digits, and what they take long over.
func (s *scanner) number() error {
	start := s.pos
	if s.raw[s.pos] == '-' {
		s.pos++
	}
	var n decimal
	if n.whole = s.digits(); n.whole == nil || len(n.whole) > 1 && n.whole[0] == '0' {
		return errBroken
	}
	if s.pos < len(s.raw) && s.raw[s.pos] == '.' {
		s.pos++
		if n.fraction = s.digits(); n.fraction == nil {
			return errBroken
		}
	}
	if s.pos < len(s.raw) && s.raw[s.pos]|0x20 == 'e' {
		s.pos++
		negative := false
		if s.pos < len(s.raw) && (s.raw[s.pos] == '+' || s.raw[s.pos] == '-') {
			negative = s.raw[s.pos] == '-'
			s.pos++
		}
		digits := s.digits()
		if digits == nil {
			return errBroken
		}
		n.exponent = exponent(digits, negative)
	}
	if s.pos-start > maxScanNumber {
		return s.refuse("a number of more than %d characters", maxScanNumber)
	}
	if reason := n.refused(); reason != "" {
		return s.refuse("%s", reason)
	}
	return nil
}

// digits goes through digits, and returns them, or nil where there are none.
func (s *scanner) digits() []byte {
	start := s.pos
	for s.pos < len(s.raw) && '0' <= s.raw[s.pos] && s.raw[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		return nil
	}
	return s.raw[start:s.pos]
}
