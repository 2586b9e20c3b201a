package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// decode reads one JSON value, numbers as they are written.
func decode(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the first value")
	}
	return v, nil
}

// encodeArgs writes a decoded value back, <, > and & as they are.
func encodeArgs(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// maxNumber bounds a number's length and its exponent, so that exact arithmetic
// on it stays cheap.
const maxNumber = 400

// unwieldy reports numbers that no argument can mean.
func unwieldy(n json.Number) bool {
	text := n.String()
	if len(text) > maxNumber {
		return true
	}
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return false
	}
	exponent, err := strconv.Atoi(text[i+1:])
	return err != nil || exponent > maxNumber || exponent < -maxNumber
}

// hasUnwieldy reports whether there is an unwieldy number within a value.
func hasUnwieldy(v any) bool {
	switch v := v.(type) {
	case json.Number:
		return unwieldy(v)
	case []any:
		return slices.ContainsFunc(v, hasUnwieldy)
	case map[string]any:
		for _, member := range v {
			if hasUnwieldy(member) {
				return true
			}
		}
	}
	return false
}

// unwieldyAt finds the first unwieldy number within a value.
func unwieldyAt(v any, path string) (string, bool) {
	switch v := v.(type) {
	case json.Number:
		return path, unwieldy(v)
	case []any:
		for i, item := range v {
			if at, ok := unwieldyAt(item, path+"["+strconv.Itoa(i)+"]"); ok {
				return at, true
			}
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if at, ok := unwieldyAt(v[key], join(path, visible(key))); ok {
				return at, true
			}
		}
	}
	return "", false
}
