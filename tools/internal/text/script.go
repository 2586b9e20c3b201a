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
func Deceptive(text string) bool { return len(deceptiveScripts(text)) > 0 }

// deceptiveScripts are the scripts of a deceptive text, and none of any other.
func deceptiveScripts(text string) []script {
	if isPlain(text) {
		return nil
	}
	scripts := scriptsOf(text)
	switch {
	case !writtenTogether(scripts):
		return scripts
	case slices.ContainsFunc(scripts, func(s script) bool { return s.name == "Latin" }):
		return nil
	}
	// Letter by letter, since the first one already tells most texts that look like nothing Latin.
	if strings.ContainsFunc(text, func(r rune) bool { return !isPlain(Skeleton(string(r))) }) {
		return nil
	}
	return scripts
}

// Lookalike tells by which letters a deceptive text is one, naming their scripts and code points; "" for any other
// text.
func Lookalike(text string) string {
	scripts := deceptiveScripts(text)
	if len(scripts) == 0 {
		return ""
	}
	letters := make(map[string][]rune) // by script
	var names []string
	for _, s := range scripts {
		names = append(names, s.name)
	}
	for _, r := range text {
		if i := slices.IndexFunc(scripts, func(s script) bool { return s.has(r) }); i >= 0 {
			letters[names[i]] = append(letters[names[i]], r)
		}
	}
	if len(names) == 1 {
		return names[0] + " that looks Latin: " + listLetters(letters[names[0]])
	}
	slices.SortStableFunc(names, func(a, b string) int { // the one of most letters first
		return cmp.Or(len(letters[b])-len(letters[a]), strings.Compare(b, a))
	})
	var odd []rune
	for _, name := range names[1:] {
		odd = append(odd, letters[name]...)
	}
	last := len(names) - 1
	return "mixes " + strings.Join(names[:last], ", ") + " and " + names[last] + ": " + listLetters(odd)
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

func writtenTogether(scripts []script) bool {
	if len(scripts) < 2 {
		return true
	}
	return slices.ContainsFunc(together, func(some []string) bool {
		return !slices.ContainsFunc(scripts, func(s script) bool { return !slices.Contains(some, s.name) })
	})
}

// script is a writing system, whose letters are of no other one.
type script struct {
	name    string // as Unicode has it
	letters *unicode.RangeTable
}

func (s script) has(r rune) bool { return unicode.Is(s.letters, r) }

// allScripts are all scripts, but for what is common to several.
var allScripts = sync.OnceValue(func() []script {
	var all []script
	for name, letters := range unicode.Scripts {
		if name != "Common" && name != "Inherited" {
			all = append(all, script{name, letters})
		}
	}
	slices.SortFunc(all, func(a, b script) int { return strings.Compare(a.name, b.name) })
	return all
})

// scriptsOf lists the scripts of a text, each once. What is common to several scripts counts for none.
func scriptsOf(text string) []script {
	var found []script
	for _, r := range text {
		has := func(s script) bool { return s.has(r) }
		if r < utf8.RuneSelf && !unicode.IsLetter(r) || slices.ContainsFunc(found, has) ||
			unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		if r < utf8.RuneSelf {
			found = append(found, script{"Latin", unicode.Latin})
		} else if i := slices.IndexFunc(allScripts(), has); i >= 0 {
			found = append(found, allScripts()[i])
		}
	}
	return found
}
