package policy

import "cel.dev/cel-go/cel"

var listOfText = cel.ListType(cel.StringType)

// facts declares what conditions may use. The environment that checks them, the values they are evaluated with, the
// errors that list the facts and their documentation all come from this table.
var facts = []struct {
	name  string
	is    *cel.Type
	kind  kind   // of the names that it gives
	doc   string // one line for the author of a policy, without a full stop
	value func(*Request, *Policy) any
}{
	{"tool", cel.StringType, toolName, "name of the tool that is called",
		func(r *Request, _ *Policy) any { return r.Tool }},
	{"effect", cel.StringType, effectName, "'write' or 'destroy', the effect of the tool",
		func(r *Request, _ *Policy) any { return string(r.Effect) }},
	{"reversible", cel.BoolType, anyText, "whether undo_change can put the change back; false for every destroy",
		func(r *Request, _ *Policy) any { return r.Reversible && r.Effect != Destroy }},
	{"principal", cel.StringType, anyText, "id of the caller",
		func(r *Request, _ *Policy) any { return r.Principal }},
	{"mode", cel.StringType, modeName, "'read', 'write' or 'full', the mode of this policy",
		func(_ *Request, p *Policy) any { return string(p.Mode) }},
	{"contacts", cel.IntType, anyText, "number of records that the change writes to",
		func(r *Request, _ *Policy) any { return r.Contacts }},
	{"window.contacts", cel.IntType, anyText, "those, and the others written within 10 minutes that nobody confirmed",
		func(r *Request, _ *Policy) any { return r.Window.Unconfirmed }},
	{"window.notes", cel.IntType, anyText, "contacts that got notes within 10 minutes that nobody confirmed; 0 but for " +
		"notes",
		func(r *Request, _ *Policy) any { return r.Window.Notes }},
	{"fields", listOfText, fieldName, "what the change touches, such as email, custom_attributes.plan or tags",
		func(r *Request, _ *Policy) any { return r.Fields }},
	{"protected", listOfText, fieldName, "the fields that this policy lists as protected",
		func(_ *Request, p *Policy) any { return p.Protected }},
}

// kindOfFact returns what names a fact gives; anyText for what is no fact.
func kindOfFact(name string) kind {
	for _, f := range facts {
		if f.name == name {
			return f.kind
		}
	}
	return anyText
}

// activation returns the facts of a request under p, by name.
func activation(r *Request, p *Policy) map[string]any {
	values := make(map[string]any, len(facts))
	for _, f := range facts {
		values[f.name] = f.value(r, p)
	}
	return values
}
