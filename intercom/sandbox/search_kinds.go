package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// fieldKind is the type of a searchable field. It decides the operators, the values and what they mean.
type fieldKind int

const (
	kindText  fieldKind = iota
	kindEmail           // text whose case does not matter
	kindOwner           // an admin's id as a string, or a number
	kindInteger
	kindFloat
	kindBoolean
	kindTime   // an exact second
	kindDay    // a calendar day of the workspace's time zone
	kindUTCDay // a calendar day of UTC
	kindTag    // the ids of tags
	kindSegment
)

// kindNames are the types as error messages call them.
var kindNames = map[fieldKind]string{
	kindText: "string", kindEmail: "string", kindOwner: "string", kindInteger: "integer", kindFloat: "float",
	kindBoolean: "boolean", kindTime: "date", kindDay: "date", kindUTCDay: "date", kindTag: "string",
	kindSegment: "string",
}

var (
	textOperators   = []string{"=", "!=", "IN", "NIN", "~", "!~", "^", "$"}
	numberOperators = []string{"=", "!=", "IN", "NIN", ">", "<", ">=", "<="}
	setOperators    = []string{"=", "!=", "IN", "NIN"}
)

// kindOperators are the operators that each type supports.
var kindOperators = map[fieldKind][]string{
	kindText: textOperators, kindEmail: textOperators, kindOwner: textOperators,
	kindInteger: numberOperators, kindFloat: numberOperators,
	kindBoolean: setOperators, kindSegment: setOperators,
	kindTime: {"=", "!=", ">", "<", ">=", "<="},
	kindDay:  {"=", ">", "<"}, kindUTCDay: {"=", ">", "<"},
	kindTag: {"=", "!="},
}

// searchField is a searchable field of contacts. Its values are nil, string,
// int64, float64, bool or, for tags and segments, a func(id string) bool.
type searchField struct {
	kind  fieldKind
	value func(*Contact) any
	only  []string // the operators, where they differ from the kind's
}

func (f searchField) operators() []string {
	if f.only != nil {
		return f.only
	}
	return kindOperators[f.kind]
}

func (k fieldKind) invalid(raw json.RawMessage) *apiError {
	return fail(http.StatusBadRequest, "invalid_value", "%s is not a valid %s", plain(raw), kindNames[k])
}

// parse reads the value that a filter compares with.
func (k fieldKind) parse(raw json.RawMessage) (any, *apiError) {
	var value any
	var ok bool
	switch k {
	case kindOwner:
		value, ok = parsed(idText(raw))
	case kindInteger:
		value, ok = parsed(whole(raw))
	case kindFloat:
		value, ok = parsed(number(raw))
	case kindBoolean:
		value, ok = parsed(truth(raw))
	case kindTime, kindDay, kindUTCDay:
		value, ok = parsed(seconds(raw))
	default:
		value, ok = parsed(text(raw))
	}
	if isNull(raw) {
		return nil, nil
	}
	if !ok {
		return nil, k.invalid(raw)
	}
	return value, nil
}

// seconds reads a time, which may be written as a string of digits.
func seconds(raw json.RawMessage) (int64, bool) {
	if s, ok := text(raw); ok {
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil
	}
	return whole(raw)
}

// equal compares a row's value with a filter's.
func (k fieldKind) equal(v, want any) bool {
	if has, ok := v.(func(string) bool); ok {
		id, isID := want.(string)
		return isID && has(id)
	}
	if k == kindEmail {
		have, isText := v.(string)
		w, wantsText := want.(string)
		return isText && wantsText && strings.EqualFold(have, w) || v == want
	}
	return v == want
}

// comparison compiles one operator to a test of a row's value. A row without
// a value matches only the negative operators, and a filter for null.
func (k fieldKind) comparison(operator string, want any, q *request) func(v any) bool {
	if zone := k.zone(q); zone != nil && want != nil {
		return dayComparison(operator, want.(int64), zone)
	}
	switch operator {
	case "!=":
		return func(v any) bool { return !k.equal(v, want) }
	case "~", "!~", "^", "$":
		return textComparison(operator, want.(string))
	}
	if operator == "=" {
		return func(v any) bool { return k.equal(v, want) }
	}
	w := toFloat(want)
	return func(v any) bool {
		if v == nil {
			return false
		}
		x := toFloat(v)
		switch operator {
		case ">":
			return x > w
		case ">=":
			return x >= w
		case "<":
			return x < w
		default:
			return x <= w
		}
	}
}

// zone is where a kind's calendar days begin, nil for what has none.
func (k fieldKind) zone(q *request) *time.Location {
	switch k {
	case kindDay:
		return q.space.zone
	case kindUTCDay:
		return time.UTC
	}
	return nil
}

func toFloat(v any) float64 {
	switch n := v.(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

// textComparison is a test for a part of a text, whatever the case.
func textComparison(operator, want string) func(any) bool {
	want = strings.ToLower(want)
	return func(v any) bool {
		have, ok := v.(string)
		have = strings.ToLower(have)
		switch operator {
		case "~":
			return ok && strings.Contains(have, want)
		case "^":
			return ok && strings.HasPrefix(have, want)
		case "$":
			return ok && strings.HasSuffix(have, want)
		default:
			return !ok || !strings.Contains(have, want)
		}
	}
}

// dayComparison is a test by whole calendar days: "=" is the day of want, ">" the days after it, "<" those before.
func dayComparison(operator string, want int64, zone *time.Location) func(any) bool {
	year, month, day := time.Unix(want, 0).In(zone).Date()
	first := time.Date(year, month, day, 0, 0, 0, 0, zone).Unix()
	next := time.Date(year, month, day+1, 0, 0, 0, 0, zone).Unix()
	return func(v any) bool {
		at, ok := v.(int64)
		switch operator {
		case ">":
			return ok && at >= next
		case "<":
			return ok && at < first
		default:
			return ok && at >= first && at < next
		}
	}
}
