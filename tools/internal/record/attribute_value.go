package record

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// MaxAttributeText is how many characters Intercom keeps of a string attribute.
const MaxAttributeText = 255

// Writable checks a value for a custom attribute and gives it the form in
// which Intercom takes it. nil clears the attribute. A date without a zone is one of zone.
func Writable(a *intercom.DataAttribute, value any, now time.Time, zone Zone) (any, error) {
	if !a.APIWritable {
		return nil, toolerr.New(toolerr.InvalidArgument, "The attribute cannot be written through the API.",
			"Change it in Intercom.")
	}
	if value == nil {
		return nil, nil
	}
	switch value.(type) {
	case string, bool, json.Number:
	default:
		return nil, toolerr.New(toolerr.InvalidArgument, "The value must be text, a number, true, false or null.", "")
	}
	str := strings.TrimSpace(Scalar(value))
	if len(a.Options) > 0 {
		i := slices.IndexFunc(a.Options, func(option string) bool { return strings.EqualFold(option, str) })
		if i < 0 {
			return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is none of its options%s.", text.Clip(str, 40),
				directory.DidYouMean(str, a.Options)), "The options: "+text.Clip(new(text.Cleaner).Join(a.Options), 200)+".")
		}
		return a.Options[i], nil
	}
	switch CustomField(a).Kind {
	case KindInteger:
		number, ok := WholeNumber(str)
		if !ok {
			return nil, wrongValue("a whole number", str)
		}
		return number, nil
	case KindFloat:
		number, ok := DecimalNumber(str)
		if !ok {
			return nil, wrongValue("a number", str)
		}
		return number, nil
	case KindBool:
		if str != "true" && str != "false" {
			return nil, wrongValue("true or false", str)
		}
		return str == "true", nil
	case KindTime:
		return attributeTime(value, now, zone)
	}
	original, isText := value.(string)
	if !isText {
		original = str
	}
	if len([]rune(original)) > MaxAttributeText {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The text has %d characters, Intercom keeps %d.",
			len([]rune(original)), MaxAttributeText), "Shorten it.")
	}
	return original, nil
}

// WholeNumber reads an integer of 64 bits in any way that JSON writes it: 12, 12.0 and 1.2e1 are the same.
func WholeNumber(text string) (json.Number, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return json.Number(strconv.FormatInt(n, 10)), true
	}
	number, ok := DecimalNumber(text)
	if !ok || !strings.ContainsAny(text, ".eE") {
		return "", false
	}
	if f, _ := number.Float64(); f == 0 || math.Abs(f) >= 1<<63 { // a Rat would hold all digits of 1e300
		return "0", f == 0
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok || !exact.IsInt() || !exact.Num().IsInt64() {
		return "", false
	}
	return json.Number(exact.Num().String()), true
}

// maxDigits bounds a decimal number, in characters.
const maxDigits = 40

// DecimalNumber reads a decimal number that JSON can write and a float64 can hold, which is what Intercom keeps of it.
// One that a float64 takes for zero is none.
func DecimalNumber(text string) (json.Number, bool) {
	f, err := strconv.ParseFloat(text, 64)
	vanishes := f == 0 && strings.ContainsAny(text, "123456789")
	if err != nil || vanishes || len(text) > maxDigits || !json.Valid([]byte(text)) {
		return "", false
	}
	number, kept := json.Number(text), json.Number(strconv.FormatFloat(f, 'g', -1, 64))
	if !Same("", number, kept) {
		number = kept
	}
	return number, true
}

// attributeTime reads a date for a date attribute: ISO 8601, or Unix seconds.
func attributeTime(value any, now time.Time, zone Zone) (any, error) {
	if number, ok := value.(json.Number); ok {
		whole, ok := WholeNumber(number.String())
		if at, isTime := AsTime(whole); !ok || !isTime || !inCalendar(at) {
			return nil, wrongValue("a date", number.String())
		}
		return whole, nil
	}
	span, err := ParseTime(Scalar(value), now, zone)
	if err != nil {
		return nil, err
	}
	return json.Number(strconv.FormatInt(span.From.Unix(), 10)), nil
}

func wrongValue(want, got string) *toolerr.Error {
	if strings.TrimSpace(got) == "" {
		return toolerr.New(toolerr.InvalidArgument, "must be "+want+"; null clears it.", "")
	}
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("must be %s, not %q.", want, text.Clip(got, 40)),
		"list_attributes shows the types.")
}
