package main

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// cleanToken returns an access token without the white space around it. What people paste with more, or less, than the
// token is an error, which names by what where it came from, and does not repeat it.
func cleanToken(what, text string) (string, error) {
	token := strings.TrimSpace(text)
	if wrong := notOfToken(token); wrong != "" {
		return "", &usageError{
			problem: what + " " + wrong,
			try:     "the access token alone, as Intercom's Configure > Authentication page shows it",
		}
	}
	return token, nil
}

// What people leave in the place of a token, or before it: a variable, the placeholder of an example, the name of a
// header.
var (
	variable = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\$\{.*\}|\$\(.*\)|\$\w+|%\w+%|\{\{.*\}\}|<.*>|\[.*\])$`)
	})
	example = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^((your|my|the|an?|paste|insert|put|enter)[ _-].*(token|key|secret|here).*|` +
			`(access[ _-]?)?token|change[ _-]?me|x{3,}|\*+|\.+)$`)
	})
	heading = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^(authorization\s*:|bearer(?:[\s:]|$)|(export\s+)?[a-z_]*token\s*[=:])`)
	})
)

// mayBeNone reports whether one of the patterns may match: to look for their words costs less than to compile them. A
// test holds it to the patterns.
func mayBeNone(token string) bool {
	lower := strings.ToLower(token)
	for _, word := range []string{"token", "key", "secret", "here", "change", "xxx", "bearer", "authorization"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	other := func(c rune) bool { return c > unicode.MaxASCII }
	return strings.ContainsAny(token, "$%{<[*.") || strings.ContainsFunc(token, other)
}

// notOfToken says why a text is no access token; "" where it may be one.
func notOfToken(token string) string {
	if token == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(token)
	last, _ := utf8.DecodeLastRuneInString(token)
	odd := mayBeNone(token)
	const quotes = "\"'`“”„‘’«»"
	switch {
	case !utf8.ValidString(token):
		return "is not text in UTF-8"
	case strings.ContainsRune(quotes, first) || strings.ContainsRune(quotes, last):
		return "has quotes around it"
	case strings.Contains(token, `\`):
		return `holds a backslash, as of "\n"`
	case odd && variable().MatchString(token):
		return "is a placeholder that nothing was filled in for"
	case odd && heading().MatchString(token):
		return fmt.Sprintf("begins with %q, which is not part of it", heading().FindString(token))
	case strings.ContainsRune(token, '…') || strings.Contains(token, "..."):
		return "is cut off: it holds an ellipsis where the rest should be"
	case odd && example().MatchString(token):
		return "is the placeholder of an example"
	}
	for _, c := range token {
		switch {
		case unicode.IsSpace(c):
			return fmt.Sprintf("holds white space (U+%04X) within it", c)
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c):
			return fmt.Sprintf("holds a character that cannot be seen (U+%04X)", c)
		case c > unicode.MaxASCII:
			return fmt.Sprintf("holds a character that no token has: %c (U+%04[1]X)", c)
		}
	}
	return ""
}
