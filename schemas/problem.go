package schemas

import (
	"cmp"
	"slices"
)

// Kind is what is wrong with an argument.
type Kind string

// The kinds of problems.
const (
	Syntax  Kind = "syntax"  // the arguments are no JSON
	Unknown Kind = "unknown" // no such argument
	Missing Kind = "missing" // a required argument is absent
	Type    Kind = "type"    // a string where a number is expected, and so on
	Enum    Kind = "enum"    // none of the values that are allowed
	Range   Kind = "range"   // a number too small or too large
	Length  Kind = "length"  // a text too short or too long
	Items   Kind = "items"   // too few or too many items, or duplicate items
	Pattern Kind = "pattern" // a text that does not match
	Format  Kind = "format"  // a text that is no date, e-mail address, ...
	Other   Kind = "other"   // anything else that a schema may say
)

// Problem is one thing that is wrong with the arguments of a call.
type Problem struct {
	Path    string // where: "limit", "where[0].field", or "" for the arguments as a whole
	Kind    Kind
	Message string // one line of plain English that names the path; no full stop
	Nearest string // the valid name or value that was probably meant, or ""
}

// MaxProblems is how many problems are looked for: where there are so many, there may be more.
const MaxProblems = 64

// order sorts problems by path and drops those that say the same.
func order(problems []Problem) []Problem {
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(problems)
}

// join appends a property to a path.
func join(path, property string) string {
	if path == "" {
		return property
	}
	return path + "." + property
}
