package record

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/schemas/strictjson"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

// CompanyValue reads the current value of a field by Intercom's name for it.
func CompanyValue(c *intercom.Company, name string) any {
	if custom, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
		return c.CustomAttributes[custom]
	}
	number := func(n *int64) any {
		if n == nil {
			return nil
		}
		return json.Number(strconv.FormatInt(*n, 10))
	}
	switch name {
	case "name":
		return c.Name
	case "plan":
		return c.Plan
	case "website":
		return c.Website
	case "industry":
		return c.Industry
	case "size":
		return number(c.Size)
	case "monthly_spend":
		return number(c.MonthlySpend)
	}
	return nil
}

// ContactValue reads the current value of a field by Intercom's name for it:
// string, bool, json.Number, or nil where there is none.
func ContactValue(c *intercom.Contact, name string) any {
	if custom, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
		return c.CustomAttributes[custom]
	}
	if name == "owner_id" {
		name = "owner"
	}
	for i := range ContactFields {
		if f := &ContactFields[i]; f.Name == name {
			if t, ok := f.Get(c).(intercom.Time); ok {
				return json.Number(strconv.FormatInt(t.Unix(), 10))
			}
			return f.Get(c)
		}
	}
	return nil
}

// GivenByContact is [ContactValue], of a text that Intercom gave escaped as it was given.
func GivenByContact(c *intercom.Contact, name string) any {
	return given(ContactValue(c, name), c.Given, name)
}

// GivenByCompany is [CompanyValue], likewise.
func GivenByCompany(c *intercom.Company, name string) any {
	key := name
	if name == "plan" {
		key = "plan.name"
	}
	return given(CompanyValue(c, name), c.Given, key)
}

func given(value any, all map[string]string, key string) any {
	if text, ok := all[key]; ok && value != nil {
		return text
	}
	return value
}

// Plain is a value as people read it: a text as it was before Intercom escaped it.
func Plain(given any) any {
	if text, ok := given.(string); ok {
		return intercom.Unescape(text)
	}
	return given
}

// PlainBeside is [Plain], unless it would make a value look like another one that it is not.
func PlainBeside(given, other any) any {
	if plain := Plain(given); given == other || plain != other {
		return plain
	}
	return given
}

// IsEscaped reports whether a value looks like one that was escaped for HTML.
func IsEscaped(value any) bool { return Plain(value) != value }

// Exactly is [Same], of texts byte for byte as Intercom gave them, but for the case of e-mails. Of two that are the
// same and not exactly, one may be the other one escaped, or somebody wrote it so.
func Exactly(field string, a, b any) bool {
	x, ok := a.(string)
	y, ok2 := b.(string)
	return Same(field, a, b) && (!ok || !ok2 || field == "email" || x == y)
}

// Same compares what a field holds with what was, or is to be, written, where either may be escaped.
func Same(field string, a, b any) bool {
	if Empty(a) || Empty(b) {
		return Empty(a) && Empty(b)
	}
	if x, ok := AsNumber(a); ok {
		y, ok := AsNumber(b)
		return ok && x.Cmp(y) == 0
	}
	if field == "email" {
		return strings.EqualFold(Scalar(Plain(a)), Scalar(Plain(b)))
	}
	switch value := a.(type) {
	case string:
		other, ok := b.(string)
		return ok && (value == other || intercom.Unescape(value) == other || value == intercom.Unescape(other))
	case bool:
		other, ok := b.(bool)
		return ok && value == other
	}
	return Scalar(a) == Scalar(b)
}

// Empty reports the values that Intercom does not tell from null.
func Empty(v any) bool { return v == nil || v == "" }

// Scalar shows any value on one line.
func Scalar(v any) string {
	switch value := v.(type) {
	case nil:
		return ""
	case string:
		return text.Clean(value)
	case json.Number:
		return value.String()
	case bool:
		return fmt.Sprint(value)
	case intercom.Time:
		return value.String()
	case *big.Rat:
		return value.RatString()
	}
	encoded, err := strictjson.Encode(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return text.Clean(string(encoded))
}

// AsNumber reads a number exactly, however it was decoded.
func AsNumber(v any) (*big.Rat, bool) {
	switch n := v.(type) {
	case json.Number:
		return new(big.Rat).SetString(n.String())
	case float64:
		rat := new(big.Rat).SetFloat64(n)
		return rat, rat != nil
	case int:
		return new(big.Rat).SetInt64(int64(n)), true
	case int64:
		return new(big.Rat).SetInt64(n), true
	case intercom.Time:
		return new(big.Rat).SetInt64(n.Unix()), !n.IsZero()
	}
	return nil, false
}

// AsTime reads Unix seconds, however they were decoded.
func AsTime(v any) (time.Time, bool) {
	n, ok := AsNumber(v)
	if !ok || !n.IsInt() || !n.Num().IsInt64() {
		return time.Time{}, false
	}
	return time.Unix(n.Num().Int64(), 0).UTC(), true
}

// Shows reports whether a field shows what was written as Intercom keeps it: numbers rounded, dates cut to the day,
// texts trimmed, their letters in other code points, numbers and flags as texts, and zero like nothing. isTime tells
// that a number is Unix seconds. before is what it held before: Intercom's silence proves a zero only where something
// was there.
func Shows(field string, isTime bool, before, written, now any) bool {
	switch {
	case Same(field, now, written):
		return true
	case Empty(now):
		return isZero(written) && !Empty(before) && !Same(field, before, written)
	}
	str, isText := written.(string)
	shown, showsText := now.(string)
	switch {
	case isText && showsText:
		return Same(field, text.Composed(strings.TrimSpace(shown)), text.Composed(strings.TrimSpace(str)))
	case showsText:
		number, _ := DecimalNumber(shown)
		return shown == Scalar(written) || Same(field, number, written)
	}
	return !isText && rounded(written, now, isTime)
}

// Silent reports whether a field shows nothing, as it did before, though it may hold the zero that was written:
// Intercom shows some zeros as nothing.
func Silent(before, written, now any) bool { return Empty(before) && Empty(now) && isZero(written) }

// isZero reports the values that Intercom may show as nothing.
func isZero(v any) bool {
	if n, ok := AsNumber(v); ok {
		return n.Sign() == 0
	}
	return v == false
}

// day is a day in seconds.
const day = 24 * 60 * 60

// rounded reports whether a number is another one, rounded or cut to fewer decimals, or a time cut to its day.
func rounded(written, now any, isTime bool) bool {
	whole, ok := AsNumber(written)
	part, ok2 := AsNumber(now)
	if !ok || !ok2 {
		return false
	}
	if whole.IsInt() && !isTime {
		return false
	}
	if isTime {
		from := new(big.Int).Mul(new(big.Int).Div(whole.Num(), big.NewInt(day)), big.NewInt(day))
		return part.IsInt() && part.Num().Cmp(from) == 0
	}
	unit := new(big.Rat).SetInt64(1)
	for range maxDigits {
		if scaled := new(big.Rat).Quo(part, unit); scaled.IsInt() {
			off := new(big.Rat).Sub(whole, part)
			return off.Abs(off).Cmp(unit) < 0
		}
		unit.Quo(unit, big.NewRat(10, 1))
	}
	return false
}
