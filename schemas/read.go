package schemas

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"intercom-mcp/schemas/strictjson"
)

// Bounds of what is read of arguments.
const (
	maxItems     = 1000 // in an array whose schema says no less, and in all that no schema describes
	maxMembers   = 250  // in an object that is open to any; Intercom has no more attributes
	maxText      = 64 << 10
	maxTextDepth = 16 // of JSON that came as a text inside a JSON string
)

// reader reads arguments as far as their schema wants them. What it says must not be there is passed over and not read
// out, so that a refusal costs no more than looking for where things end: the value of an argument that is unknown,
// items beyond the bound, objects and arrays in the place of something else.
type reader struct {
	in      *strictjson.Reader
	depth   int    // how deep values may be nested
	within  string // path of the whole
	at      []step // from there to the value that is being read, or that ended the reading
	unknown int
	free    int       // items read of arrays that no schema describes
	members int       // names read
	trimmed []string  // lines on names with blanks around them, as in Validated.Coerced
	long    []Problem // values beyond these bounds, of which only what is within is read
}

// step leads from a value to one within it.
type step struct {
	name  string
	index int // where there is no name
}

var errTooDeep = errors.New("the text is nested too deeply")

// read reads one value. It refuses a text with a [*strictjson.Error], or with errTooDeep. It may miss a reason to
// refuse it in what it passes over.
func (r *reader) read(schema *jsonschema.Schema, raw []byte) (v any, err error) {
	err = strictjson.Read(raw, func(in *strictjson.Reader) (err error) {
		r.in = in
		v, err = r.value(schema)
		return err
	})
	return v, err
}

// value reads the value that comes next; schema is nil where none describes it.
func (r *reader) value(schema *jsonschema.Schema) (any, error) {
	if len(r.at) == r.depth {
		return nil, errTooDeep
	}
	switch r.in.Kind() {
	case '{':
		if one := listed(schema); one != nil { // coerced to a list of one
			schema = one
		}
		if !admits(schema, "object") {
			return map[string]any{}, r.in.Skip()
		}
		return r.object(schema)
	case '[':
		if !admits(schema, "array") {
			return []any{}, r.in.Skip()
		}
		return r.array(schema)
	}
	v, err := r.in.Scalar()
	if text, ok := v.(string); ok && len(text) > maxText && unbounded(schema) {
		r.long = append(r.long, problem(r.path(), Length, fmt.Sprintf("must have at most %d bytes, got %d", maxText,
			len(text))))
		v = strings.ToValidUTF8(text[:maxText], "")
	}
	return v, err
}

// admits reports whether a schema lets a value be of a type.
func admits(schema *jsonschema.Schema, kind string) bool {
	return schema == nil || len(schema.Types) != 1 || schema.Types[0] == kind
}

// listed returns the schema of the items of a list of objects, nil for any other schema.
func listed(schema *jsonschema.Schema) *jsonschema.Schema {
	if schema == nil || !slices.Equal(schema.Types, []string{"array"}) || schema.Items2020 == nil ||
		!slices.Equal(schema.Items2020.Types, []string{"object"}) {
		return nil
	}
	return schema.Items2020
}

// unbounded reports whether a schema lets a value be a text of any length.
func unbounded(schema *jsonschema.Schema) bool {
	return schema != nil && slices.Contains(schema.Types, "string") && schema.MaxLength < 0
}

// object reads an object.
func (r *reader) object(schema *jsonschema.Schema) (any, error) {
	object := make(map[string]any)
	open := schema != nil && len(schema.Properties) == 0 && schema.AdditionalProperties != false
	n := 0
	for name, err := range r.in.Members() {
		if err != nil {
			return nil, err
		}
		if r.members++; r.members > strictjson.MaxMembers {
			return nil, strictjson.ErrMembers
		}
		property, known := member(schema, name)
		if trimmed := trim(name); !known && trimmed != name {
			if property, known = member(schema, trimmed); known {
				r.trimmed = append(r.trimmed, fmt.Sprintf("%s: %s read as %s", join(r.path(), trimmed), quote(name),
					quote(trimmed)))
				name = trimmed
			}
		}
		if _, twice := object[name]; twice && known {
			property, known = nil, false
			name += " " // no name that is known; the refusal shows it
		}
		if !known && r.unknown < MaxProblems {
			r.unknown++
			object[name] = nil
		}
		if !known || open && n >= maxMembers {
			err = r.in.Skip()
		} else {
			r.at = append(r.at, step{name: name})
			if object[name], err = r.value(property); err == nil {
				r.at = r.at[:len(r.at)-1]
			}
		}
		if err != nil {
			return nil, err
		}
		n++
	}
	if open && n > maxMembers {
		r.long = append(r.long,
			problem(r.path(), Items, fmt.Sprintf("must have at most %s, got %d", count(maxMembers, "member"), n)))
	}
	return object, nil
}

// trim drops from both ends of a name what a reader does not see.
func trim(name string) string {
	return strings.TrimFunc(name, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) })
}

// member returns what a schema says of a property, and whether it may be there.
func member(schema *jsonschema.Schema, name string) (*jsonschema.Schema, bool) {
	if schema == nil {
		return nil, true
	}
	if property, ok := schema.Properties[name]; ok {
		return property, true
	}
	if others, ok := schema.AdditionalProperties.(*jsonschema.Schema); ok {
		return others, true
	}
	return nil, schema.AdditionalProperties != false
}

// array reads an array.
func (r *reader) array(schema *jsonschema.Schema) (any, error) {
	list := []any{}
	var items *jsonschema.Schema
	most := strictjson.MaxBytes
	if schema != nil {
		if items, most = schema.Items2020, schema.MaxItems; most < 0 {
			most = maxItems
		}
	}
	for n, err := range r.in.Items() {
		if err != nil {
			return nil, err
		}
		if n == most || schema == nil && r.free == maxItems {
			return list, r.skipItems(schema, most)
		}
		if schema == nil {
			r.free++
		}
		r.at = append(r.at, step{index: n})
		item, err := r.value(items)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		r.at = r.at[:len(r.at)-1]
	}
	return list, nil
}

// skipItems passes over the items of an array beyond the bound.
func (r *reader) skipItems(schema *jsonschema.Schema, most int) error {
	items, err := r.in.SkipItems()
	text := tooMany(most, int(items))
	if schema == nil {
		text = fmt.Sprintf("holds more than %s, with the lists before it", count(maxItems, "item"))
	}
	r.long = append(r.long, problem(r.path(), Items, text))
	return err
}

// refusal is the problem for which reading has ended.
func (r *reader) refusal(prefix string, err error) Problem {
	reason := err.Error()
	var refused *strictjson.Error
	if errors.As(err, &refused) {
		reason = refused.Reason
		if refused.Broken {
			r.at = nil // nobody knows what was meant
		}
	}
	return problem(r.path(), Syntax, prefix+reason)
}

// path names the place of the value that is being read.
func (r *reader) path() string {
	path := r.within
	for _, step := range r.at {
		if step.name != "" {
			path = join(path, visible(step.name))
		} else {
			path += "[" + strconv.Itoa(step.index) + "]"
		}
	}
	return path
}
