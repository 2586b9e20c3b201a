package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Characters that are not seen, and spell in some places.
const (
	softHyphen     = '\u00ad'
	zeroWidthSpace = '\u200b'
	nonJoiner      = '\u200c'
	joiner         = '\u200d'
	textStyle      = '\ufe0e'
	emojiStyle     = '\ufe0f'
	keycap         = '\u20e3'
	blankBraille   = '\u2800'
	blackFlag      = '\U0001f3f4'
	cancelTag      = '\U000e007f'
)

// Scripts whose spelling needs characters that are not seen. Unicode has no property for them: see
// https://www.unicode.org/versions/latest/ch09 for those written joined, ch12 to ch16 for those with conjuncts, and
// https://www.unicode.org/reports/tr14/#SA for those that mark words without blanks.
var (
	joined = []*unicode.RangeTable{
		unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Phags_Pa, unicode.Adlam,
		unicode.Hanifi_Rohingya, unicode.Manichaean, unicode.Sogdian,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
		unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
		unicode.Balinese, unicode.Javanese, unicode.Sundanese, unicode.Brahmi, unicode.Kaithi, unicode.Chakma,
		unicode.Sharada, unicode.Grantha, unicode.Newa, unicode.Tirhuta, unicode.Modi, unicode.Meetei_Mayek,
		unicode.Saurashtra, unicode.Syloti_Nagri, unicode.Tai_Tham, unicode.Limbu, unicode.Lepcha,
	}
	unspaced = []*unicode.RangeTable{
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tai_Le, unicode.New_Tai_Lue, unicode.Tai_Tham,
		unicode.Tai_Viet, unicode.Ahom,
	}
)

// isBreak reports whether a character separates lines or columns, so that it shows as a blank.
func isBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// isUnseen reports whether a character controls how others are drawn, or is not drawn itself.
func isUnseen(r rune) bool {
	switch {
	case r < '\u0300': // before the first of the marks
		return unicode.IsControl(r) || r == softHyphen
	case '\u3400' <= r && r <= '\u9fff': // ideographs
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // numbers are written over it
		return false
	}
	return r == blankBraille || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

// spells returns how many of the runes that come next are one that is not seen and belongs there: it joins letters or
// emoji, tells how the character before it is drawn, or where a word may be broken. It is 0 for what only hides.
// before are the runes that were kept.
func spells(before, next []rune) int {
	r, after := next[0], rune(-1)
	if len(next) > 1 {
		after = next[1]
	}
	last, base := rune(-1), letterOf(before)
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	fits := false
	switch {
	case r == joiner:
		fits = unicode.In(base, joined...) || isPictograph(base) && isPictograph(after)
	case r == nonJoiner:
		fits = unicode.In(base, joined...)
	case r == softHyphen:
		fits = unicode.IsLetter(base) && unicode.IsLetter(after)
	case r == zeroWidthSpace:
		fits = unicode.In(base, unspaced...) && unicode.In(after, unspaced...)
	case r == textStyle || r == emojiStyle:
		fits = isPictograph(last) || after == keycap && (last == '#' || last == '*' || '0' <= last && last <= '9')
	case r == blankBraille:
		fits = isBraille(last) && isBraille(after)
	case '\ufe00' <= r && r <= '\ufe02', '\U000e0100' <= r && r <= '\U000e011f': // registered for ideographs
		fits = unicode.Is(unicode.Unified_Ideograph, last)
	case '\u180b' <= r && r <= '\u180f':
		fits = unicode.Is(unicode.Mongolian, last) && unicode.IsLetter(last)
	case last == blackFlag:
		return flagTags(next)
	}
	if fits {
		return 1
	}
	return 0
}

// flagTags returns how many tag characters name the flag of a part of a country, as those of England: a region and a
// subdivision, https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences.
func flagTags(next []rune) int {
	const fewest, most = 3, 6
	for n, r := range next {
		switch letter := r - '\U000e0000'; {
		case r == cancelTag && n >= fewest:
			return n + 1
		case n == most || !(letter >= 'a' && letter <= 'z' || letter >= '0' && letter <= '9'):
			return 0
		}
	}
	return 0
}

// maxMarks is how many marks a letter has at most: https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format.
const maxMarks = 30

// letterOf is the last letter or emoji of a text, to which all that follows belongs.
func letterOf(runes []rune) rune {
	for i := len(runes) - 1; i >= max(0, len(runes)-maxMarks); i-- {
		if r := runes[i]; !unicode.In(r, unicode.M, unicode.Variation_Selector) && !isSkinTone(r) {
			return r
		}
	}
	return -1
}

func isSkinTone(r rune) bool { return '\U0001f3fb' <= r && r <= '\U0001f3ff' }

// isBraille reports whether a character is a pattern of Braille with dots.
func isBraille(r rune) bool { return unicode.Is(unicode.Braille, r) && r != blankBraille }

// isPictograph reports whether a character is an emoji, or may be drawn as one: a joiner ties two of them together.
func isPictograph(r rune) bool {
	const first, heart = '\u00a9', '\u2764'
	if r < first {
		return false
	}
	clusters := graphemes.FromString(string([]rune{r, joiner, heart}))
	clusters.Next()
	return clusters.End() == utf8.RuneLen(r)+utf8.RuneLen(joiner)+utf8.RuneLen(heart)
}

// eachRune calls seen for each character of a text that is seen, or spells, and unseen for each that only hides,
// reorders or controls. Breaks are seen.
func eachRune(text string, seen, unseen func(r rune)) {
	runes := []rune(text)
	kept := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); i++ {
		n := 1
		if r := runes[i]; !isBreak(r) && isUnseen(r) {
			if n = spells(kept, runes[i:]); n == 0 {
				unseen(r)
				continue
			}
		}
		for _, r := range runes[i : i+n] {
			seen(r)
		}
		kept = append(kept, runes[i:i+n]...)
		i += n - 1
	}
}
