package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// readable lays JSON out for a person: objects and lists of several lines, and a list of plain values, such as a row of
// a table, on one. indent begins the lines after the first. What is no JSON stays as it is.
func readable(text json.RawMessage, indent string) string {
	decoder := json.NewDecoder(bytes.NewReader(text))
	opened, err := decoder.Token()
	bracket, composed := opened.(json.Delim)
	if err != nil || !composed {
		return string(text)
	}
	var parts []string
	plain := bracket == '['
	for decoder.More() {
		key := ""
		if bracket == '{' {
			before := decoder.InputOffset()
			if _, err := decoder.Token(); err != nil {
				return string(text)
			}
			key = strings.TrimLeft(string(text[before:decoder.InputOffset()]), ", \r\n\t") + ": "
		}
		var part json.RawMessage
		if decoder.Decode(&part) != nil {
			return string(text)
		}
		plain = plain && part[0] != '{' && part[0] != '['
		parts = append(parts, key+readable(part, indent+"  "))
	}
	switch {
	case len(parts) == 0:
		return string(text)
	case plain:
		return "[" + strings.Join(parts, ", ") + "]"
	}
	inner := "\n" + indent + "  "
	return bracket.String() + inner + strings.Join(parts, ","+inner) + "\n" + indent + string(text[len(text)-1:])
}
