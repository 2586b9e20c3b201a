package strictjson

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// Two letters fold to the same exactly where encoding/json takes a key of the one for a key of the other.
func TestFold(t *testing.T) {
	fold := func(letter rune) string { return string(new(Reader).fold([]byte(`"` + string(letter) + `"`))) }
	for letter := rune(0x80); letter <= unicode.MaxRune; letter++ {
		folded := fold(letter)
		for other := unicode.SimpleFold(letter); other != letter; other = unicode.SimpleFold(other) {
			if theirs := fold(other); other != '"' && other != '\\' && theirs != folded {
				t.Errorf("%q and %q are folded to %q and %q", letter, other, folded, theirs)
			}
		}
		if unicode.IsOneOf([]*unicode.RangeTable{unicode.Cs}, letter) {
			continue
		}
		if folded != string(letter) && !strings.EqualFold(folded, string(letter)) {
			t.Errorf("%q is folded to %q", letter, folded)
		}
	}
}

// Escapes in names mean what they mean to encoding/json.
func TestFoldEscapes(t *testing.T) {
	for _, quoted := range []string{`"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u0061b\u00e9"`, `"\ud83d\ude00!"`, `"é\u20ac"`} {
		var want string
		if err := json.Unmarshal([]byte(quoted), &want); err != nil {
			t.Fatal(err)
		}
		if got := new(Reader).fold([]byte(quoted)); !strings.EqualFold(string(got), want) {
			t.Errorf("%s is %q, want %q", quoted, got, want)
		}
	}
}

// Names that are cleared and filled again and again are those that they were filled with.
func TestNames(t *testing.T) {
	var known names
	for round, n := range []int{3, 100, fewNames, MaxNames, fewNames + 1, 1} {
		known.clear()
		for i := range n {
			if !known.add(fmt.Appendf(nil, "k%d", i)) {
				t.Errorf("round %d holds name %d at once", round, i)
			}
		}
		if known.add(fmt.Appendf(nil, "k%d", n/2)) {
			t.Errorf("round %d does not hold name %d", round, n/2)
		}
	}
}

// TestForget keeps nothing of a text alive once it was read.
func TestForget(t *testing.T) {
	var r Reader
	r.reset([]byte(`{"a":{"b":1,"c":2},"d":[{"e":{"f":3}}]}`))
	if _, err := r.Raw(); err != nil {
		t.Fatal(err)
	}
	r.forget()
	for level := range r.open {
		for _, name := range r.open[level].few[:cap(r.open[level].few)] {
			if name != nil {
				t.Errorf("level %d keeps %q", level, name)
			}
		}
	}
}
