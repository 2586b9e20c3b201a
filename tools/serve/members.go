package serve

import (
	"bytes"
	"encoding/json"
)

// members splits a JSON object into its members, which keep the form they were
// sent in, and returns nil for any other value. It looks for nothing but where
// they begin and end: raw must have passed [tools.Scan].
func members(raw []byte) map[string]json.RawMessage {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(raw, jsonSpace), []byte("{"))
	if !ok {
		return nil
	}
	split := make(map[string]json.RawMessage)
	for {
		rest = bytes.TrimLeft(rest, jsonSpace+",")
		if len(rest) == 0 || rest[0] == '}' {
			return split
		}
		end := valueEnd(rest)
		var key string
		if json.Unmarshal(rest[:end], &key) != nil {
			return nil
		}
		rest = bytes.TrimLeft(rest[end:], jsonSpace+":")
		end = valueEnd(rest)
		split[key], rest = rest[:end:end], rest[end:]
	}
}

const jsonSpace = " \t\r\n"

// valueEnd returns where the JSON value ends that raw begins with.
func valueEnd(raw []byte) int {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
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
