package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// Error tells why a JSON text is refused.
type Error struct {
	Reason string // one line
	Path   string // where, as in "params.arguments.where[0]"; "" at the top and for broken JSON
	Broken bool   // the text is no JSON at all
}

// Error returns reason and path in one line.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Reason + " at " + e.Path
}

// ErrMembers refuses a text of more than [MaxMembers] members; no place of it is at fault in particular. Whoever reads
// texts that count together may refuse them with it, too.
var ErrMembers error = &Error{Reason: "more than 6,000 members; send fewer at a time"}

// IsBroken reports whether an error of this package says that a text is no JSON at all.
func IsBroken(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Broken
}

// refuse makes the error for a place.
func (r *Reader) refuse(at jsontext.Pointer, format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...), Path: r.path(at)}
}

// explain turns an error of jsontext, met at what comes after start, into one of ours.
func (r *Reader) explain(start int64, err error) error {
	var syntax *jsontext.SyntacticError
	at := r.valueAt(start)
	if at < len(r.raw) && r.raw[at] == '"' && errors.As(err, &syntax) && syntax.ByteOffset > int64(at) { // within a string
		if reason := badText(r.raw[syntax.ByteOffset:]); reason != "" {
			return r.refuse(syntax.JSONPointer, "%s", reason)
		}
	}
	why := json.Unmarshal(r.raw, new(json.RawMessage)) // for the message
	return &Error{Reason: "broken JSON: " + visible(fmt.Sprint(why), maxWhy), Broken: true}
}

// badText names what a string must not hold that jsontext refuses there, or is empty for what is no JSON.
func badText(rest []byte) string {
	switch {
	case len(rest) == 0:
	case rest[0] == 0:
		return "a NUL character"
	case rest[0] > unicode.MaxASCII:
		return "invalid UTF-8"
	case len(rest) >= len(`\u0000`) && rest[1] == 'u':
		if _, err := strconv.ParseUint(string(rest[2:6]), 16, 16); err == nil {
			return "half a surrogate pair"
		}
	}
	return ""
}

// The longest part of an error that repeats text from outside, in characters.
const (
	maxStep = 40 // a name in a path
	maxWhy  = 80 // what encoding/json says
)

// path writes a pointer as errors name places.
func (r *Reader) path(at jsontext.Pointer) string {
	var path strings.Builder
	level := 0
	for step := range at.Tokens() {
		level++
		switch kind, _ := r.in.StackIndex(min(level, r.in.StackDepth())); {
		case kind == '[':
			path.WriteString("[" + step + "]")
		case level > 1:
			path.WriteString("." + visible(step, maxStep))
		default:
			path.WriteString(visible(step, maxStep))
		}
	}
	return path.String()
}

// visible drops from a text what cannot be seen, or changes how the text around it reads, and cuts it.
func visible(text string, most int) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c == unicode.ReplacementChar, unicode.IsControl(c), unicode.In(c, unicode.Cf, unicode.Co, unicode.Zl,
			unicode.Zp):
			return -1
		}
		return c
	}, text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
