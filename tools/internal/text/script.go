package text

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.mau.fi/util/confusable"
	"golang.org/x/text/unicode/bidi"
)

// Right-to-left text reorders what stands around it, unless isolated: https://www.unicode.org/reports/tr9/
const (
	fsi = "\u2068" // first strong isolate
	pdi = "\u2069" // pop directional isolate
)

// Isolate keeps right-to-left letters from reordering what stands around a text.
func Isolate(text string) string {
	if !rightToLeft(text) {
		return text
	}
	return fsi + text + pdi
}

// rightToLeft reports whether a text has letters or digits that are written from right to left.
func rightToLeft(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		if r < utf8.RuneSelf {
			return false
		}
		properties, _ := bidi.LookupRune(r)
		class := properties.Class()
		return class == bidi.R || class == bidi.AL || class == bidi.AN
	})
}

// Deceptive reports whether a text may be taken for another one by who reads it: it mixes scripts that are not written
// together, or has letters of another script and looks like plain Latin ones. It follows the restriction level "highly
// restrictive" and the skeletons of https://www.unicode.org/reports/tr39/.
func Deceptive(text string) bool {
	if isPlain(text) {
		return false
	}
	scripts := scriptsOf(text)
	switch {
	case len(scripts) == 0, len(scripts) == 1 && scripts[0] == "Latin":
		return false
	case !writtenTogether(scripts):
		return true
	case slices.Contains(scripts, "Latin"):
		return false
	}
	// Letter by letter, since the first one already tells most texts that look like nothing Latin.
	return !strings.ContainsFunc(text, func(r rune) bool { return !isPlain(Skeleton(string(r))) })
}

// Lookalike tells by which letters a deceptive text is one, naming their scripts and code points; "" for any other
// text.
func Lookalike(text string) string {
	if !Deceptive(text) {
		return ""
	}
	letters := make(map[string][]rune) // by script
	scripts := scriptsOf(text)
	for _, r := range text {
		if i := slices.IndexFunc(scripts, func(name string) bool { return isOf(name, r) }); i >= 0 {
			letters[scripts[i]] = append(letters[scripts[i]], r)
		}
	}
	if len(scripts) == 1 {
		return scripts[0] + " that looks Latin: " + listLetters(letters[scripts[0]])
	}
	slices.SortStableFunc(scripts, func(a, b string) int { // the one of most letters first
		return cmp.Or(len(letters[b])-len(letters[a]), strings.Compare(b, a))
	})
	var odd []rune
	for _, script := range scripts[1:] {
		odd = append(odd, letters[script]...)
	}
	last := len(scripts) - 1
	return "mixes " + strings.Join(scripts[:last], ", ") + " and " + scripts[last] + ": " + listLetters(odd)
}

// listLetters lists a few code points, each once.
func listLetters(all []rune) string {
	var few []string
	for i, letter := range all {
		if slices.Index(all, letter) < i {
			continue
		}
		if len(few) == shownLetters {
			return strings.Join(few, ", ") + ", …"
		}
		few = append(few, fmt.Sprintf("%U", letter))
	}
	return strings.Join(few, ", ")
}

const shownLetters = 3 // code points that are named

// Skeleton is the same for texts that look the same. It is not for showing.
func Skeleton(text string) string {
	if isPlain(text) {
		return text
	}
	return confusable.Skeleton(text)
}

// Alike reports whether a person may take two names for one: they differ in nothing but case, blanks, hyphens, what
// cannot be seen, and letters that look the same.
func Alike(a, b string) bool {
	plain := func(name string) string {
		return confusable.Skeleton(strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || r == '-' || r == '_' {
				return -1
			}
			return r
		}, strings.ToLower(Clean(name))))
	}
	return plain(a) == plain(b)
}

func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

// together are the scripts that one language mixes with Latin letters.
var together = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"}, {"Latin", "Han", "Bopomofo"}, {"Latin", "Han", "Hangul"},
}

func writtenTogether(scripts []string) bool {
	if len(scripts) == 1 {
		return true
	}
	return slices.ContainsFunc(together, func(some []string) bool {
		return !slices.ContainsFunc(scripts, func(script string) bool { return !slices.Contains(some, script) })
	})
}

// scriptNames are the names of all scripts, but of what is common to several.
var scriptNames = sync.OnceValue(func() []string {
	var names []string
	for name := range unicode.Scripts {
		if name != "Common" && name != "Inherited" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
})

// scriptsOf names the scripts of a text, each once. What is common to several scripts counts for none.
func scriptsOf(text string) []string {
	var found []string
	for _, r := range text {
		if r < utf8.RuneSelf && !unicode.IsLetter(r) ||
			slices.ContainsFunc(found, func(name string) bool { return isOf(name, r) }) ||
			unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		if r < utf8.RuneSelf {
			found = append(found, "Latin")
			continue
		}
		for _, name := range scriptNames() {
			if isOf(name, r) {
				found = append(found, name)
				break
			}
		}
	}
	return found
}

// isOf reports whether a letter is of a script. It is of one alone.
func isOf(script string, r rune) bool { return unicode.Is(unicode.Scripts[script], r) }
