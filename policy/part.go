package policy

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"cel.dev/cel-go/common/overloads"
)

// partFunctions are CEL's functions that look for a text in a name, each as a verb.
var partFunctions = map[string]string{
	overloads.StartsWith: "starts with",
	overloads.EndsWith:   "ends with",
	overloads.Contains:   "contains",
	overloads.Matches:    "matches",
}

// mistakenPart returns what is wrong with a text that function finds in no name of a kind; "" where nothing is.
func (v *Vocabulary) mistakenPart(k kind, function, text string) string {
	noun, names := v.asked(k)
	found := func(name string) bool { return mayHave(name, function, text) }
	if len(names) == 0 || slices.ContainsFunc(names, found) {
		return ""
	}
	return fmt.Sprintf("no %s %s %q", noun, partFunctions[function], text) + nearOrAll(text, names)
}

// mayHave reports whether function may find the text in a name, or in one that a pattern stands for. It says yes where
// that cannot be told, and of a regular expression that is none, whose rule fails when it is evaluated.
func mayHave(name, function, text string) bool {
	known, pattern := strings.CutSuffix(name, anyName)
	switch function {
	case overloads.StartsWith:
		return strings.HasPrefix(known, text) || pattern && strings.HasPrefix(text, known)
	case overloads.EndsWith:
		return pattern || strings.HasSuffix(name, text)
	case overloads.Contains:
		return pattern || strings.Contains(name, text)
	}
	if pattern {
		return mayHave(name, overloads.StartsWith, beginning(text))
	}
	found, err := regexp.MatchString(text, name)
	return found || err != nil
}

// beginning returns the text with which all begins that a regular expression matches; "" where it has none such.
func beginning(expression string) string {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil || parsed.Op != syntax.OpConcat || parsed.Sub[0].Op != syntax.OpBeginText {
		return ""
	}
	if first := parsed.Sub[1]; first.Op == syntax.OpLiteral && first.Flags&syntax.FoldCase == 0 {
		return string(first.Rune)
	}
	return ""
}
