package main

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestMayBeNone derives texts from every branch of the patterns of what is no token: none of them may be passed over
// for lack of the words that are looked for first.
func TestMayBeNone(t *testing.T) {
	for _, pattern := range []*regexp.Regexp{variable(), example(), heading()} {
		parsed, err := syntax.Parse(pattern.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		texts := derive(parsed)
		if len(texts) < 10 {
			t.Errorf("%s: only %q were derived", pattern, texts)
		}
		for _, text := range texts {
			if !pattern.MatchString(text) {
				t.Errorf("%q was derived from %s", text, pattern)
			} else if !mayBeNone(text) {
				t.Errorf("%q matches %s, and is passed over", text, pattern)
			}
		}
	}
}

// derive returns texts that a pattern matches: with each of its alternatives, with and without what may be missing,
// with the first and the last character of each range, with letters in each of their cases.
func derive(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
		return []string{mapped(re.Rune, unicode.ToLower), mapped(re.Rune, unicode.ToUpper), mapped(re.Rune, rarest)}
	case syntax.OpCharClass:
		var all []string
		for _, c := range re.Rune {
			all = append(all, string(c))
		}
		return all
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []string{"q"}
	case syntax.OpQuest, syntax.OpStar:
		return append(derive(re.Sub[0]), "")
	case syntax.OpRepeat:
		return joined(re.Sub, re.Min)
	case syntax.OpCapture, syntax.OpPlus:
		return derive(re.Sub[0])
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			all = append(all, derive(sub)...)
		}
		return all
	case syntax.OpConcat:
		return joined(re.Sub, 1)
	}
	return []string{""} // the beginning, the end
}

// joined are texts that patterns match one after another, all of them so many times.
func joined(subs []*syntax.Regexp, times int) []string {
	all := []string{""}
	for _, sub := range slices.Repeat(subs, times) {
		parts := derive(sub)
		var longer []string
		for _, text := range all {
			for _, part := range parts {
				longer = append(longer, text+part)
			}
		}
		all = longer
	}
	return all
}

// mapped is a text with each of its letters in another case.
func mapped(letters []rune, to func(rune) rune) string { return strings.Map(to, string(letters)) }

// rarest is a letter that counts as another one in any case, and that nobody types: K of Kelvin for k.
func rarest(letter rune) rune {
	for c := unicode.SimpleFold(letter); c != letter; c = unicode.SimpleFold(c) {
		if c > unicode.MaxASCII {
			return c
		}
	}
	return letter
}
