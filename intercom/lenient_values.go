package intercom

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// own has a type decode itself.
func (d *answerDecoder) own(v reflect.Value) error {
	raw, err := d.in.ReadValue()
	if err != nil {
		return err
	}
	if len(raw) > maxText {
		return d.odd("is too long")
	}
	if !d.keep(len(raw), maxRecord) {
		return d.odd(noRoom)
	}
	if v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw) != nil {
		v.SetZero()
		return d.odd("is not what it should be")
	}
	return nil
}

func (d *answerDecoder) text(v reflect.Value, kind jsontext.Kind) error {
	if kind != '"' {
		return d.skip("is no text")
	}
	raw, err := d.in.ReadValue()
	if err != nil {
		return err
	}
	text, ok := unquote(raw)
	if !ok {
		return d.odd("is too long")
	}
	if !d.keep(len(text), maxRecord) {
		return d.odd(noRoom)
	}
	if v.Type() != reflect.TypeFor[markup]() {
		text = d.plain(text)
	}
	v.SetString(text)
	return nil
}

// noRoom is why a value counts as absent that is as it should be.
const noRoom = "is left out, since there is too much beside it"

// markup is HTML, in which entities are part of the language.
type markup string

// plain unescapes a text, and keeps what came of one that was escaped.
func (d *answerDecoder) plain(text string) string {
	plain := Unescape(text)
	switch {
	case plain != text:
		if d.given == nil {
			d.given = make(map[string]string)
		}
		d.given[string(d.path)] = text
	case d.given != nil: // the key may be there twice
		delete(d.given, string(d.path))
	}
	return plain
}

// unquote returns what a string of JSON means, unless that is too long. What is no UTF-8 in it becomes U+FFFD.
func unquote(quoted []byte) (text string, ok bool) {
	const longestEscape = len(`\u0000`)
	if len(quoted) > longestEscape*maxText {
		return "", false
	}
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), len(inner) <= maxText
	}
	unquoted, _ := jsontext.AppendUnquote(nil, quoted) // an error is of what becomes U+FFFD
	return string(unquoted), len(unquoted) <= maxText
}

func (d *answerDecoder) whole(v reflect.Value, kind jsontext.Kind) error {
	if kind != '0' {
		return d.skip("is no number")
	}
	raw, err := d.in.ReadValue()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return d.odd("is no whole number")
	}
	v.SetInt(n)
	return nil
}

// any decodes a value of no particular type other than null, numbers exactly.
func (d *answerDecoder) any(kind jsontext.Kind) (any, error) {
	raw, err := d.in.ReadValue()
	if err != nil {
		return nil, err
	}
	deep := kind == '{' || kind == '['
	if deep {
		d.nested += len(raw)
	}
	switch {
	case deep && (len(raw) > maxDeep || d.nested > maxAny):
		return nil, d.odd("is too long")
	case len(raw) > maxText:
		return nil, d.odd("is too long")
	case !d.keep(len(raw), maxCustom):
		return nil, d.odd(noRoom)
	}
	switch kind {
	case 't', 'f':
		return kind == 't', nil
	case '"':
		text, _ := unquote(raw)
		return d.plain(text), nil
	case '0':
		if !isFinite(raw) {
			return nil, d.odd("is a number out of range")
		}
		return json.Number(raw), nil
	}
	var value any
	if err := unmarshal(raw, &value); err != nil {
		return nil, d.odd("cannot be read")
	}
	return value, nil
}

// isFinite reports whether a float64 can hold a number, which is what Intercom keeps of it, as other than zero where it
// is none: to compute with the digits of any other takes long.
func isFinite(raw []byte) bool {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f != 0 {
		return err == nil
	}
	digits, _, _ := bytes.Cut(bytes.ToLower(raw), []byte("e"))
	return !bytes.ContainsAny(digits, "123456789")
}
