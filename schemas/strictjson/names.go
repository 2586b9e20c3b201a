package strictjson

import (
	"bytes"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// fewNames is how many names are compared one by one, as most objects have no more.
const fewNames = 32

// names are those of one object, in the form in which they are compared.
type names struct {
	count int
	few   [][]byte            // the first of them
	all   map[string]struct{} // once there are more
}

func (n *names) clear() { n.count, n.few, n.all = 0, n.few[:0], nil }

// forget clears the names, and lets go of the text that they are part of.
func (n *names) forget() {
	clear(n.few[:cap(n.few)])
	n.clear()
}

// add adds a name, or reports that it is there.
func (n *names) add(name []byte) (added bool) {
	n.count++
	if n.count <= fewNames {
		for _, known := range n.few {
			if bytes.Equal(known, name) {
				return false
			}
		}
		n.few = append(n.few, name)
		return true
	}
	if n.all == nil {
		n.all = make(map[string]struct{}, 2*fewNames)
		for _, known := range n.few {
			n.all[string(known)] = struct{}{}
		}
	}
	n.all[string(name)] = struct{}{}
	return len(n.all) == n.count
}

// fold undoes the escapes of a name, and maps those that encoding/json takes for the same to one: all that differ by
// case only, U+212A (Kelvin) for k and the like included. The result lives as long as the text is read.
func (r *Reader) fold(quoted []byte) []byte {
	name := quoted[1 : len(quoted)-1]
	if !slices.ContainsFunc(name, mayFold) { // most names
		return name
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		name, _ = jsontext.AppendUnquote(nil, quoted) // never fails: it was read
	}
	start := len(r.room)
	for i := 0; i < len(name); {
		c := name[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			r.room = append(r.room, c)
			i++
			continue
		}
		letter, size := utf8.DecodeRune(name[i:])
		if folded, ok := folds()[letter]; ok {
			letter = folded
		}
		r.room = utf8.AppendRune(r.room, letter)
		i += size
	}
	return r.room[start:len(r.room):len(r.room)]
}

// mayFold reports whether a name with a byte is compared in another form.
func mayFold(c byte) bool { return c >= utf8.RuneSelf || c == '\\' || 'A' <= c && c <= 'Z' }

// folds are the letters that differ from others by case only, and the one that stands for all of these. To ask package
// unicode for each letter of a text takes several times as long.
var folds = sync.OnceValue(func() map[rune]rune {
	known := make(map[rune]rune)
	for _, cased := range unicode.CaseRanges {
		for letter := rune(cased.Lo); letter <= rune(cased.Hi); letter++ {
			smallest := letter
			for other := unicode.SimpleFold(letter); other != letter; other = unicode.SimpleFold(other) {
				smallest = min(smallest, other)
			}
			if smallest <= unicode.MaxASCII {
				smallest = unicode.ToLower(smallest)
			}
			known[letter] = smallest
		}
	}
	return known
})
