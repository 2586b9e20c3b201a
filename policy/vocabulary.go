package policy

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/env"
)

// anyName ends the names that stand for all with the same beginning.
const anyName = "<name>"

// customPrefix begins the name of a custom attribute's field.
const customPrefix = "custom_attributes."

// companyPrefix begins the names of the fields of companies.
const companyPrefix = "company."

// Vocabulary is the names that a policy file may use, so that a misspelt one is found when the file is read, instead of
// never matching. An empty part is not checked.
type Vocabulary struct {
	Tools map[string]Effect // by name
	// Controls are the tools that act on a change which was judged already, so that no rule applies to them.
	Controls []string
	// Toolsets are the names of the sets of tools.
	Toolsets []string
	// Fields are the names that [Request.Fields] may hold: contact fields as Intercom names them, parts that are no
	// field, such as tags, and patterns such as company.<name>. Besides them, custom_attributes.<name> is known.
	Fields []string
	// The contact fields that may be protected and masked, as Intercom names them. Besides them, custom_attributes.<name>
	// may be.
	Protected, Masked []string
}

// kind is a kind of name that conditions compare facts with.
type kind int

const (
	anyText kind = iota // what it is compared with is not checked
	toolName
	effectName
	modeName
	fieldName
	roleName
	weekdayName
	toolsetName
	tagName // which only the workspace knows
)

// mistaken returns what is wrong with a name; "" where nothing is. A name that the request is not to have, as in
// tool != 'list_tags', may be one that no decision is made about.
func (v *Vocabulary) mistaken(k kind, name string, negated bool) string {
	switch k {
	case toolName:
		return v.mistakenTool(name, negated)
	case effectName:
		switch {
		case Effect(name) == Write, Effect(name) == Destroy, Effect(name) == Read && negated:
			return ""
		case Effect(name) == Read:
			return "reads are not asked about; narrow them by masked or by toolsets"
		}
		return fmt.Sprintf("effect %q is none of read, write, destroy", name) +
			didYouMean(name, []string{string(Read), string(Write), string(Destroy)})
	case modeName:
		if _, err := ParseMode(name); err != nil {
			return err.Error() + didYouMean(name, []string{string(ModeRead), string(ModeWrite), string(ModeFull)})
		}
	case roleName:
		if IsApprover(name) {
			return fmt.Sprintf("the role %q counts in the console alone, and no policy sees it", name)
		}
	case toolsetName:
		if len(v.Toolsets) > 0 && !slices.Contains(v.Toolsets, name) {
			return fmt.Sprintf("there is no toolset %q", name) + nearOrAll(name, v.Toolsets)
		}
	case weekdayName:
		if !slices.Contains(weekdays, name) {
			return fmt.Sprintf("there is no weekday %q", name) + nearOrAll(name, weekdays)
		}
	case fieldName:
		if isField(name, v.Fields) {
			return ""
		}
		_, names := v.asked(fieldName)
		return fmt.Sprintf("there is no field %q", name) + nearOrAll(name, names)
	}
	return ""
}

// weekdays are the values of now.weekday.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func (v *Vocabulary) mistakenTool(name string, negated bool) string {
	effect, ok := v.Tools[name]
	switch {
	case len(v.Tools) == 0, negated && ok:
		return ""
	case !ok:
		names := make([]string, 0, len(v.Tools))
		for name := range v.Tools {
			names = append(names, name)
		}
		return fmt.Sprintf("there is no tool %q", name) + didYouMean(name, names)
	case effect == Read:
		return name + " only reads; reads are not asked about"
	case slices.Contains(v.Controls, name):
		return name + " acts on a change that was judged already; name the tool whose change it is"
	}
	return ""
}

// asked returns the names of a kind that a request may have, patterns among them, and a word for them; no names where
// they are not known.
func (v *Vocabulary) asked(k kind) (noun string, names []string) {
	switch k {
	case toolName:
		for name := range v.Tools {
			if v.mistakenTool(name, false) == "" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return "tool that rules are asked about", names
	case effectName:
		return "effect that rules are asked about", []string{string(Write), string(Destroy)}
	case modeName:
		return "mode", []string{string(ModeRead), string(ModeWrite), string(ModeFull)}
	case weekdayName:
		return "weekday", weekdays
	case fieldName:
		if len(v.Fields) > 0 {
			names = append(slices.Clone(v.Fields), customPrefix+anyName)
		}
		return "field", names
	}
	return "", nil
}

// isField reports whether a field is one of known, or meant by a pattern among them.
func isField(name string, known []string) bool {
	patterns := append(slices.Clone(known), customPrefix+anyName)
	return len(known) == 0 || slices.ContainsFunc(patterns, func(other string) bool {
		prefix, pattern := strings.CutSuffix(other, anyName)
		return name == other && !pattern || pattern && len(name) > len(prefix) && strings.HasPrefix(name, prefix)
	})
}

// nearOrAll offers the nearest names, or all where none is near.
func nearOrAll(name string, among []string) string {
	if near := didYouMean(name, among); near != "" {
		return near
	}
	return "; there are " + strings.Join(among, ", ")
}

// didYouMean offers the one or two nearest names, in the words of CEL; "" where none is near.
func didYouMean(name string, among []string) string {
	near := nearest(name, among)
	if near == nil {
		return ""
	}
	return " (did you mean '" + strings.Join(near, "' or '") + "'?)"
}

// nearest returns the one or two names that are nearest; none where none is near.
func nearest(name string, among []string) []string {
	catalog := env.NewCatalog()
	for _, candidate := range among {
		catalog.Add(&env.CatalogSymbol{Name: candidate})
	}
	var near []string
	for _, symbol := range catalog.Find(name) {
		near = append(near, symbol.Name)
	}
	return near
}
