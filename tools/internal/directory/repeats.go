package directory

import (
	"intercom-mcp/tools/internal/text"
)

// repeatsNamed is how many references a remark names that mean who was named before.
const repeatsNamed = 5

// Repeats gathers the references of a call that mean somebody whom another one named before. Its zero value is ready.
type Repeats struct {
	seen     map[string]bool // by key
	repeated map[string]bool
	as       []string
}

// Again reports whether the key of who a reference means was there before.
func (r *Repeats) Again(key, as string) bool {
	if r.seen == nil {
		r.seen, r.repeated = make(map[string]bool), make(map[string]bool)
	}
	if !r.seen[key] {
		r.seen[key] = true
		return false
	}
	r.repeated[key] = true
	r.as = append(r.as, text.Clip(text.Clean(as), 60))
	return true
}

// Note adds a remark of how many were named more than once, and as what.
func (r *Repeats) Note(note func(format string, args ...any)) {
	if len(r.as) > 0 {
		note("%s named more than once: %s", text.Plural(len(r.repeated), "contact"), text.ListFew(r.as, repeatsNamed))
	}
}
