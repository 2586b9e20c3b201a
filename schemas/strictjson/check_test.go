package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckAccepts(t *testing.T) {
	for name, text := range map[string]string{
		"scalar":            `true`,
		"space":             " \t\r\n{ \"a\" : [ 1 , null ] } \n",
		"empty":             `{"a":{},"b":[],"":""}`,
		"same key apart":    `{"a":{"a":1},"b":[{"a":1},{"a":2}]}`,
		"dotted capital I":  `{"i":1,"` + "\u0130" + `":2,"` + "\u0131" + `":3}`,
		"key as value":      `{"a":"b","b":"a","c":["a","a"]}`,
		"large integer":     `{"custom_attributes":{"n":9007199254740993}}`,
		"huge integer":      strings.Repeat("9", 300),
		"small number":      `[1e-300,-0,0.0,0e5,-1.5E+3]`,
		"exponents":         `[1e99,1E-99,1e+9,0.5,` + strings.Repeat("9", 98) + `e9]`,
		"far out":           `[1.7976931348623157e308,-1.7976931348623158E+308,2.2250738585072014e-308,0.0000022250738585072014e-302,1234567890123456789e289]`,
		"zeros":             `[0e999999999,-0.000e-400,0.` + strings.Repeat("0", 350) + `]`,
		"rounded":           `[9007199254740993,0.1000000000000000055511151231257827021181583404541015625,1.00000000000000011102230246251565404236316680908203125]`,
		"as many keys":      `[{` + manyKeys(MaxNames) + `},{` + manyKeys(MaxNames) + `}]`,
		"as many members":   `[` + strings.Repeat(`{`+manyKeys(28)+`},`, 200) + `{` + manyKeys(MaxMembers-200*28) + `}]`,
		"surrogate pair":    `"\ud83d\ude00"`,
		"replacement":       `"\ufffd` + "\ufffd" + `"`,
		"escapes":           `"\"\\\/\b\f\n\r\t\u00e9"`,
		"text like a token": `"{[,:1e999\\u0000"`,
		"deepest":           strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		"largest":           `"` + strings.Repeat("x", MaxBytes-2) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := Check([]byte(text)); err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

// manyKeys are the members of an object, without their braces.
func manyKeys(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%d":1`, i)
	}
	return strings.Join(members, ",")
}

var refused = []struct {
	name, text string
	reason     string // beginning of it
	path       string
}{
	{"nothing", ``, "broken JSON: unexpected end of JSON input", ""},
	{"unquoted", `{a:1}`, "broken JSON: invalid character 'a'", ""},
	{"cut off", `{"a":[1`, "broken JSON: unexpected end", ""},
	{"open string", `{"a`, "broken JSON: unexpected end", ""},
	{"open escape", `"\`, "broken JSON: invalid character ' ' in string escape", ""},
	{"bad escape", `"\x"`, "broken JSON: invalid character 'x' in string escape", ""},
	{"bad unit", `"\u00g0"`, "broken JSON: invalid character 'g'", ""},
	{"closing only", `]}`, "broken JSON: invalid character ']'", ""},
	{"mismatched", `[}`, "broken JSON: invalid character '}'", ""},
	{"trailing comma", `[1,]`, "broken JSON: invalid character ']'", ""},
	{"two values", `{} {}`, "broken JSON: invalid character '{' after top-level value", ""},
	{"leading zero", `[01]`, "broken JSON: invalid character '1'", ""},
	{"minus", `-`, "broken JSON: invalid character ' ' in numeric literal", ""},
	{"not a number", `[1.e5]`, "broken JSON: invalid character 'e'", ""},
	{"NaN", `[NaN]`, "broken JSON: invalid character 'N'", ""},
	{"byte order mark", "\ufeff{}", "broken JSON: invalid character", ""},
	{"control character", "\"a\nb\"", "broken JSON: invalid character '\\n'", ""},
	{"twice", `{"a":1,"b":[{"c":1,"c":2}]}`, "a key that is there twice", "b[0].c"},
	{"twice by case", `{"limit":1,"LIMIT":2}`, "a key that is there twice", "LIMIT"},
	{"twice by Kelvin", `{"k":1,"` + "\u212a" + `":2}`, "a key that is there twice", "\u212a"},
	{"twice by escape", `{"a":1,"\u0061":2}`, "a key that is there twice", "a"},
	{"twice by long s", `{"S":1,"` + "\u017f" + `":2}`, "a key that is there twice", "\u017f"},
	{"twice among many", `{` + manyKeys(100) + `,"k99":1}`, "a key that is there twice", "k99"},
	{"twice among many by case", `{` + manyKeys(100) + `,"K0":1}`, "a key that is there twice", "K0"},
	{"too many keys", `{"a":{` + manyKeys(MaxNames+1) + `}}`, "more than 1024 keys in one object", "a.k1024"},
	{"too many members", `{"a":[` + strings.Repeat(`{`+manyKeys(60)+`},`, 100) + `{}]}`,
		"more than 6,000 members; send fewer at a time", ""},
	{"raw NUL", "{\"a\":[1,\"x\x00\"]}", "a NUL character", "a[1]"},
	{"escaped NUL", `{"a":"\u0000"}`, "a NUL character", "a"},
	{"NUL in a key", `{"a":1,"\u0000":2}`, "a NUL character", ""},
	{"invalid UTF-8", "{\"a\":\"\xff\"}", "invalid UTF-8", "a"},
	{"surrogate as UTF-8", "\"\xed\xa0\x80\"", "invalid UTF-8", ""},
	{"high surrogate", `{"a":{"b":"\ud800"}}`, "half a surrogate pair", "a.b"},
	{"high surrogate, then a letter", `"\ud800\u0041"`, "half a surrogate pair", ""},
	{"low surrogate", `"\udc00"`, "half a surrogate pair", ""},
	{"infinite", `{"a":1e400}`, "a number too large", "a"},
	{"minus infinite", `[-1e309]`, "a number too large", "[0]"},
	{"infinite integer", strings.Repeat("9", 310), "a number too large", ""},
	{"infinite by its digits", `[` + strings.Repeat("9", 300) + `e9]`, "a number too large", "[0]"},
	{"infinite, written out", `[` + strings.Repeat("9", 310) + `.5]`, "a number too large", "[0]"},
	{"underflow, written out", `[0.` + strings.Repeat("0", 330) + `1]`, "a number too small", "[0]"},
	{"infinite by rounding", `[1.7976931348623159e308]`, "a number too large", "[0]"},
	{"infinite with few digits", `[0.018e310]`, "a number too large", "[0]"},
	{"less than all digits", `[1e-320]`, "a number too small", "[0]"},
	{"least of all", `[-5e-324]`, "a number too small", "[0]"},
	{"below the normal ones", `[2.2250738585072011e-308]`, "a number too small", "[0]"},
	{"below them, written out", `[0.` + strings.Repeat("0", 320) + `1]`, "a number too small", "[0]"},
	{"many digits far out", `[10000000005939348255e285]`, "a number of more than 19 digits with an exponent", "[0]"},
	{"underflow", `[1e-999999999]`, "a number too small", "[0]"},
	{"endless integer", strings.Repeat("1", MaxNumber+1), "a number of more than 400 characters", ""},
	{"too deep", `{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, "more than 32 levels",
		"a[0][0][0]"},
	{"too large", `"` + strings.Repeat("x", MaxBytes-1) + `"`, "more than 512 KiB", ""},
	{"hostile key", `{"` + strings.Repeat("x", 50) + "\u202e" + `":1e400}`, "a number too large",
		strings.Repeat("x", 39) + "\u2026"},
}

func TestCheckRefuses(t *testing.T) {
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			var got *Error
			if err := Check([]byte(test.text)); !errors.As(err, &got) {
				t.Fatalf("got %v, want a *Error", err)
			}
			if !strings.HasPrefix(got.Reason, test.reason) || got.Path != test.path {
				t.Errorf("got %q at %q, want %q at %q", got.Reason, got.Path, test.reason, test.path)
			}
		})
	}
}

func TestCheckErrorIsOneLine(t *testing.T) {
	for _, test := range refused {
		if line := Check([]byte(test.text)).Error(); strings.ContainsAny(line, "\r\n\x00") || len(line) > 200 {
			t.Errorf("%s: %q", test.name, line)
		}
	}
}

// FuzzCheck holds Check against encoding/json: what is no JSON is refused, what is
// JSON is only refused for a reason of its own, and what is accepted decodes
// without loss and has each key once.
func FuzzCheck(f *testing.F) {
	for _, test := range refused {
		if len(test.text) < 1000 {
			f.Add([]byte(test.text))
		}
	}
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"where":[{"field":"a"}]}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := Check(raw)
		if valid := json.Valid(raw); err == nil != valid && (err == nil || strings.HasPrefix(err.Error(), "broken JSON")) {
			t.Fatalf("Check says %v, json.Valid says %v", err, valid)
		}
		if err != nil {
			return
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatalf("accepted, but does not decode: %v", err)
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := checkTokens(decoder, 0); err != nil {
			t.Fatalf("accepted, but %v", err)
		}
	})
}

// checkTokens slowly checks the next value, written another way.
func checkTokens(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil || depth > MaxDepth {
		return fmt.Errorf("depth %d, err %w", depth, err)
	}
	if text, ok := token.(string); ok && (!utf8.ValidString(text) || strings.ContainsRune(text, 0)) {
		return fmt.Errorf("the text is %q", text)
	}
	if number, ok := token.(json.Number); ok {
		return checkNumber(number.String())
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	var keys []string
	for decoder.More() {
		if open == '{' {
			key, err := decoder.Token()
			if err != nil {
				return err
			}
			for _, other := range keys {
				if strings.EqualFold(other, key.(string)) {
					return fmt.Errorf("%q is there twice", key)
				}
			}
			keys = append(keys, key.(string))
		}
		if err := checkTokens(decoder, depth+1); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// checkNumber says what a number becomes that no reader should be given.
func checkNumber(number string) error {
	f, err := strconv.ParseFloat(number, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(number), "e")
	if zero := !strings.ContainsAny(mantissa, "123456789"); err != nil || !zero && math.Abs(f) < 0x1p-1022 {
		return fmt.Errorf("the number %s becomes %g, %w", number, f, err)
	}
	return nil
}

// What decides by digits decides as the standard library does by the value, but
// for what that represents with less than all its digits.
func TestCheckNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		digits := strconv.FormatUint(random.Uint64(), 10)
		digits = digits[:1+random.IntN(min(len(digits), exactDigits))]
		point := random.IntN(len(digits))
		number := digits
		if point > 0 {
			number = digits[:point] + "." + digits[point:]
		}
		around := []int{308, -308, 0, -324}[random.IntN(4)]
		number += fmt.Sprintf("e%d", around-point+random.IntN(7)-3)
		err := Check([]byte(number))
		if want := checkNumber(number); (err == nil) != (want == nil) {
			t.Errorf("%s: %v, want %v", number, err, want)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	update := `{"contact":"64b5f0c2a1b2c3d4e5f60718","set":{"name":"Ada \u00e9","custom_attributes":{"plan":"pro","seats":12}}},`
	for name, n := range map[string]int{"1": 1, "100": 100, "900": 900} {
		raw := []byte(`{"updates":[` + strings.TrimSuffix(strings.Repeat(update, n), ",") + `]}`)
		b.Run("updates="+name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if err := Check(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
