package policy

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
)

var (
	listOfText  = types.NewListType(types.StringType)
	mapOfValues = types.NewMapType(types.StringType, types.DynType)
)

// fact is a name that conditions may use.
type fact struct {
	name  string
	is    *types.Type
	kind  kind   // of the names that it gives
	known bool   // before a call's arguments are, and whatever the time
	doc   string // one line for the author of a policy, without a full stop
	value func(*factSource) any
}

// factSource is what the value of a fact is taken from.
type factSource struct {
	*Request
	policy *Policy
	now    time.Time // in the policy's time zone
	target *Target
}

// facts declares what conditions may use. The environment that checks them, the values they are evaluated with, the
// errors that list the facts and their documentation all come from this table.
var facts = []fact{
	{"tool", types.StringType, toolName, true, "name of the tool that is called",
		func(s *factSource) any { return s.Tool }},
	{"effect", types.StringType, effectName, true, "'write' or 'destroy', the effect of the tool",
		func(s *factSource) any { return string(s.Effect) }},
	{"reversible", types.BoolType, anyText, false, "whether undo_change can put the change back; false for every destroy",
		func(s *factSource) any { return s.Reversible && s.Effect != Destroy }},
	{"principal", types.StringType, anyText, true, "id of the caller",
		func(s *factSource) any { return s.Principal }},
	{"person.name", types.StringType, anyText, true, "name of the person behind it, as far as it is known; else ''",
		func(s *factSource) any { return s.Person.Name }},
	{"person.email", types.StringType, anyText, true, "their e-mail in lower case, where somebody vouches for it; else ''",
		func(s *factSource) any { return strings.ToLower(s.Person.VouchedEmail()) }},
	{"roles", listOfText, roleName, true, "the caller's roles, of the file of tokens or the identity provider",
		func(s *factSource) any { return orEmpty(s.Roles) }},
	{"client", types.StringType, anyText, true, "what the caller's program calls itself, which nobody verifies",
		func(s *factSource) any { return s.Client }},
	{"workspace", types.StringType, anyText, false, "id of the workspace in Intercom",
		func(s *factSource) any { return orError(s.Workspace, s.WorkspaceErr) }},
	{"mode", types.StringType, modeName, true, "'read', 'write' or 'full', the mode that binds the caller",
		func(s *factSource) any { return string(s.policy.Mode) }},
	{"contacts", types.IntType, anyText, false, "number of records that the change writes to",
		func(s *factSource) any { return s.Contacts }},
	{"window.contacts", types.IntType, anyText, false,
		"those, and the others written within 10 minutes that nobody confirmed",
		func(s *factSource) any { return s.Window.Unconfirmed }},
	{"window.notes", types.IntType, anyText, false,
		"contacts that got notes within 10 minutes that nobody confirmed; 0 but for notes",
		func(s *factSource) any { return s.Window.Notes }},
	{"fields", listOfText, fieldName, false, "what the change touches, such as email, custom_attributes.plan or tags",
		func(s *factSource) any { return s.Fields }},
	{"set", mapOfValues, fieldName, false, "the new values by field; tags and companies put on, the text of notes",
		func(s *factSource) any { return newValues(s.target.Set) }},
	{"author", types.StringType, anyText, false,
		"e-mail of the teammate as whom a note is written; '' for the token's owner",
		func(s *factSource) any { return s.Author }},
	{"targets.tags", listOfText, tagName, false, "names of the tags that a target has before the change",
		func(s *factSource) any { return orError(orEmpty(s.target.Tags), s.TargetsErr) }},
	{"targets.companies", listOfText, anyText, false, "names of the companies that it is in before the change",
		func(s *factSource) any { return orError(orEmpty(s.target.Companies), s.TargetsErr) }},
	{"now.hour", types.IntType, anyText, false, "hour of the day, 0 to 23, in this policy's timezone",
		func(s *factSource) any { return s.now.Hour() }},
	{"now.weekday", types.StringType, weekdayName, false, "'monday' to 'sunday', likewise",
		func(s *factSource) any { return strings.ToLower(s.now.Weekday().String()) }},
	{"protected", listOfText, fieldName, true, "the fields that this policy lists as protected",
		func(s *factSource) any { return s.policy.Protected }},
}

// targetFacts are the facts that each target has its own of: a rule whose condition names one is held against each.
var targetFacts = []string{"set", "targets.tags", "targets.companies"}

// kindOfFact returns what names a fact gives; anyText for what is no fact.
func kindOfFact(name string) kind {
	for i := range facts {
		if facts[i].name == name {
			return facts[i].kind
		}
	}
	return anyText
}

// activation returns the facts of a request under p, by name, as they are of one target.
func activation(r *Request, p *Policy, target *Target) map[string]any {
	source := factSource{r, p, r.Now.In(p.zone()), target}
	values := make(map[string]any, len(facts))
	for i := range facts {
		values[facts[i].name] = facts[i].value(&source)
	}
	return values
}

// orEmpty is a list that conditions may ask for its size.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// orError is a value, or what a condition fails with that depends on it.
func orError(value any, err error) any {
	if err != nil {
		return types.WrapErr(err)
	}
	return value
}

// newValues are the values of a change as CEL knows them.
func newValues(set map[string]any) map[string]any {
	values := make(map[string]any, len(set))
	for field, value := range set {
		if number, ok := value.(json.Number); ok {
			value = exactly(number)
		}
		values[field] = value
	}
	return values
}

// exactly is a number as CEL compares it: whole where it is, an error where it is none.
func exactly(number json.Number) any {
	if whole, err := number.Int64(); err == nil {
		return whole
	}
	value, err := number.Float64()
	if err != nil {
		return types.WrapErr(errors.New("a number is out of range"))
	}
	return value
}

// Fact is a name that conditions may use, for documentation.
type Fact struct{ Name, Type, Doc string }

// Facts lists the facts, in the order in which they are documented.
func Facts() []Fact {
	list := make([]Fact, len(facts))
	for i := range facts {
		list[i] = Fact{facts[i].name, facts[i].is.String(), facts[i].doc}
	}
	return list
}
