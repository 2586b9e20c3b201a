package sandbox

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// object is a JSON object with its members in the order they were written.
type object []member

type member struct {
	key string
	raw json.RawMessage
}

// parseObject reads one JSON object and nothing after it.
func parseObject(data []byte) (object, bool) {
	data = bytes.TrimSpace(data)
	if !json.Valid(data) || data[0] != '{' {
		return nil, false
	}
	var o object
	for rest := bytes.TrimSpace(data[1 : len(data)-1]); len(rest) > 0; {
		colon := valueEnd(rest)
		key, _ := text(bytes.TrimSpace(rest[:colon]))
		rest = rest[colon+1:]
		comma := valueEnd(rest)
		o = append(o, member{key, bytes.TrimSpace(rest[:comma])})
		rest = rest[min(comma+1, len(rest)):]
	}
	return o, true
}

// valueEnd is where the first value of JSON ends: at what stands after it, or at the end.
func valueEnd(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']', ',', ':':
			if depth == 0 {
				return i
			}
			if data[i] == '}' || data[i] == ']' {
				depth--
			}
		}
	}
	return len(data)
}

// get returns a member's value; of duplicates the last.
func (o object) get(key string) (json.RawMessage, bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].key == key {
			return o[i].raw, true
		}
	}
	return nil, false
}

// value returns a member's value; nil, which is of no kind, where there is no such member.
func (o object) value(key string) json.RawMessage {
	raw, _ := o.get(key)
	return raw
}

// given returns a member that is there and not null.
func (o object) given(key string) (json.RawMessage, bool) {
	raw, ok := o.get(key)
	return raw, ok && !isNull(raw)
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// text reads a JSON string.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	if inner := bytes.TrimSuffix(raw[1:], []byte{'"'}); len(inner) == len(raw)-2 && !bytes.ContainsFunc(inner, special) {
		return string(inner), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// special reports whether a character of a JSON string may stand for another than itself, or must not be there.
func special(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= utf8.RuneSelf }

// idText reads an id, which may be written as a string or as a number.
func idText(raw json.RawMessage) (string, bool) {
	if s, ok := text(raw); ok {
		return s, true
	}
	if n, ok := whole(raw); ok {
		return strconv.FormatInt(n, 10), true
	}
	return "", false
}

// whole reads a JSON number without a fraction.
func whole(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// number reads a JSON number.
func number(raw json.RawMessage) (float64, bool) {
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}

// truth reads a JSON boolean.
func truth(raw json.RawMessage) (value, ok bool) {
	value = string(raw) == "true"
	return value, value || string(raw) == "false"
}

// list reads a JSON array.
func list(raw json.RawMessage) ([]json.RawMessage, bool) {
	if len(raw) == 0 || raw[0] != '[' {
		return nil, false
	}
	var items []json.RawMessage
	err := json.Unmarshal(raw, &items)
	return items, err == nil
}
