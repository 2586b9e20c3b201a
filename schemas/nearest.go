package schemas

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// maxWord is how long a word may be, in characters, to have near misses.
const maxWord = 64

// Nearest returns up to n of the words that were probably meant by word, the best first: those that differ only in case
// or separators, then those of which one begins with the other, then those few typing errors away, and failing all that
// those that contain it. None is better than a far-fetched one.
func Nearest(word string, among []string, n int) []string {
	wanted := fold(word)
	if len(wanted) == 0 || len(wanted) > maxWord || n <= 0 {
		return nil
	}
	type match struct {
		word string
		rank int
	}
	var matches []match
	for _, candidate := range among {
		if rank, ok := rank(wanted, fold(candidate)); ok {
			matches = append(matches, match{candidate, rank})
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.rank, b.rank) })
	var nearest []string
	for _, m := range matches {
		part := m.rank >= rankPart && matches[0].rank < rankPart
		if len(nearest) < n && !part && !slices.Contains(nearest, m.word) {
			nearest = append(nearest, m.word)
		}
	}
	return nearest
}

// Ranks of a match: exact, then prefixes by what is left over, then typing errors by their number, then parts.
const (
	rankPrefix = 1
	rankTyping = rankPrefix + 2*maxWord
	rankPart   = rankTyping + maxWord
)

// rank rates a candidate, both words folded; the lower, the nearer.
func rank(word, candidate []rune) (int, bool) {
	if len(candidate) == 0 || len(candidate) > maxWord {
		return 0, false
	}
	if slices.Equal(word, candidate) {
		return 0, true
	}
	short, long := word, candidate
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) >= 2 && slices.Equal(short, long[:len(short)]) {
		return rankPrefix + len(long) - len(short), true
	}
	// Of two signs, such as ==, one that is changed makes another meaning; two that are swapped do not.
	swapped := len(short) == 2 && short[0] == long[1] && short[1] == long[0]
	if errors := distance(word, candidate); errors <= max(1, len(long)/3) && errors < len(short) &&
		(len(long) > 2 || swapped) {
		return rankTyping + errors, true
	}
	if len(short) >= 4 && strings.Contains(string(long), string(short)) {
		return rankPart + len(long) - len(short), true
	}
	return 0, false
}

// fold makes words comparable: lower case, without separators.
func fold(word string) []rune {
	if len(word) > 8*maxWord {
		word = word[:8*maxWord] // still longer than maxWord, whatever it is written in
	}
	var folded []rune
	for _, r := range word {
		if r != '_' && r != '-' && r != ' ' && r != '.' {
			folded = append(folded, unicode.ToLower(r))
		}
	}
	if len(folded) == 0 {
		return []rune(word) // a word of separators is compared as it is
	}
	return folded
}

// distance counts the typing errors between two words: letters added, left
// out, changed, or swapped with their neighbour (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i, x := range a {
		row[0] = i + 1
		for j, y := range b {
			changed := last[j]
			if x != y {
				changed++
			}
			row[j+1] = min(changed, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
