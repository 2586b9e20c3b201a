package intercom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// model is the wire form of a T: what is decoded, and then made one shape.
type model[T any] interface {
	model() (T, error)
}

// errNoID is a 200 whose object lacks what every object has.
var errNoID = errors.New("the object has no id")

// unmarshal decodes one JSON value. Unknown keys are ignored, since Intercom
// adds some without notice, and numbers in values of any type stay exact.
func unmarshal(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is something after the JSON value")
	}
	return nil
}

// looseString is a string that some versions send as a number.
type looseString string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *looseString) UnmarshalJSON(data []byte) error {
	switch {
	case data[0] == '"':
		text, _ := unquote(data)
		*s = looseString(Unescape(text))
	case string(data) == "null":
		*s = ""
	case bytes.ContainsAny(data, ".eE{[") || data[0] == 't' || data[0] == 'f': // else a whole number
		return fmt.Errorf("%.40q is no text", data)
	default:
		*s = looseString(data)
	}
	return nil
}

// looseInt is a whole number that may come as a float, a string or null.
type looseInt int64

// UnmarshalJSON implements [json.Unmarshaler].
func (i *looseInt) UnmarshalJSON(data []byte) error {
	data = bytes.Trim(data, `"`)
	if len(data) == 0 || string(data) == "null" {
		*i = 0
		return nil
	}
	if n, err := strconv.ParseInt(string(data), 10, 64); err == nil {
		*i = looseInt(n)
		return nil
	}
	f, err := strconv.ParseFloat(string(data), 64)
	if err != nil || math.Abs(f) >= math.MaxInt64 || f != f {
		return fmt.Errorf("%.40q is no whole number", data)
	}
	*i = looseInt(f)
	return nil
}

// count is a looseInt that is always there.
type count int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *count) UnmarshalJSON(data []byte) error {
	if text := bytes.Trim(data, `"`); len(text) == 0 || string(text) == "null" {
		return fmt.Errorf("%.40q is no whole number", data)
	}
	return (*looseInt)(n).UnmarshalJSON(data)
}

// picture is an avatar, which is an object in most versions and a plain URL in some places.
type picture string

// UnmarshalJSON implements [json.Unmarshaler].
func (p *picture) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '{':
	case '"', 'n':
		return (*looseString)(p).UnmarshalJSON(data)
	default:
		return fmt.Errorf("%.40q is no picture", data)
	}
	var object struct {
		ImageURL string `json:"image_url"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*p = picture(Unescape(object.ImageURL))
	return nil
}

// reference is an object of which only the id matters.
type reference struct {
	ID looseString `json:"id"`
}
