package serve

import (
	"bytes"
	"encoding/json"
)

// members splits a JSON object into its members, which keep the form they were
// sent in, and returns nil for any other value. It looks for nothing but where
// they begin and end: raw must have passed [tools.Scan].
func members(raw []byte) map[string]json.RawMessage {
	split, _ := membersOf(raw, "")
	return split
}

// membersOf splits an object like members, and the object in the member of a
// name on the way, which would otherwise be gone over twice.
func membersOf(raw []byte, name string) (split, inner map[string]json.RawMessage) {
	object := bytes.TrimLeft(raw, jsonSpace)
	if len(object) == 0 || object[0] != '{' {
		return nil, nil
	}
	split, inner, _ = splitObject(object, name)
	return split, inner
}

// splitObject splits the object that raw begins with, and tells where it ends.
func splitObject(raw []byte, name string) (split, inner map[string]json.RawMessage, size int) {
	split = make(map[string]json.RawMessage)
	rest := raw[1:]
	for {
		rest = bytes.TrimLeft(rest, jsonSpace+",")
		if len(rest) == 0 || rest[0] == '}' {
			return split, inner, len(raw) - len(rest) + min(len(rest), 1)
		}
		end := valueEnd(rest)
		var key string
		if json.Unmarshal(rest[:end], &key) != nil {
			return nil, nil, len(raw)
		}
		rest = bytes.TrimLeft(rest[end:], jsonSpace+":")
		if name != "" && key == name && len(rest) > 0 && rest[0] == '{' {
			inner, _, end = splitObject(rest, "")
		} else {
			end = valueEnd(rest)
		}
		split[key], rest = rest[:end:end], rest[end:]
	}
}

const jsonSpace = " \t\r\n"

// valueEnd returns where the JSON value ends that raw begins with.
func valueEnd(raw []byte) int {
	depth := 0
	for i := 0; i < len(raw); i++ {
		for depth > 0 && i < len(raw) && !endOfDull[raw[i]] {
			i++
		}
		if i == len(raw) {
			break
		}
		switch raw[i] {
		case '"':
			i = quoteEnd(raw, i+1)
			if depth == 0 {
				return min(i+1, len(raw))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + 1 + min(depth, 0) // without the end of what it stands in
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(raw)
}

// quoteEnd returns where the string ends that goes on at start: at its quote.
func quoteEnd(raw []byte, start int) int {
	quote := bytes.IndexByte(raw[start:], '"')
	if quote < 0 {
		return len(raw)
	}
	hidden := bytes.IndexByte(raw[start:start+quote], '\\')
	if hidden < 0 {
		return start + quote
	}
	i := start + hidden
	for ; i < len(raw) && raw[i] != '"'; i++ {
		if raw[i] == '\\' {
			i++
		}
	}
	return min(i, len(raw))
}
