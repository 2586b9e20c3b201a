package schemas

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Bounds of what is read of arguments.
const (
	maxItems     = 1000 // in an array whose schema says no less, and in all that no schema describes
	maxMembers   = 250  // in an object that is open to any; Intercom has no more attributes
	maxKeys      = 6000 // in all objects together; tools.Scan allows a message no more
	maxText      = 64 << 10
	maxDepth     = 64 // of arguments
	maxTextDepth = 16 // of JSON that came as a text inside a JSON string
)

// reader reads arguments as far as their schema wants them. What it says must
// not be there is passed over and not read out, so that a refusal costs no more
// than looking for where things end: the value of an argument that is unknown,
// items beyond the bound, objects and arrays in the place of something else.
type reader struct {
	raw     []byte
	pos     int
	within  string // path of the whole
	at      []step // from there to the value that is being read
	unknown int
	free    int       // items read of arrays that no schema describes
	members int       // keys read
	refused string    // why reading ended, where JSON itself would not mind
	long    []Problem // values beyond these bounds, of which only what is within is read
}

// step leads from a value to one within it.
type step struct {
	name  string
	index int // where there is no name
}

// read reads one value, and reports false where raw is not one JSON value with
// each key once, or is nested deeper than depth, or that it refuses. It may miss that
// in what it passes over.
func (r *reader) read(schema *jsonschema.Schema, raw []byte, depth int) (v any, ok bool) {
	r.raw, r.pos = raw, 0
	v, ok = r.value(schema, depth)
	r.space()
	return v, ok && r.pos == len(raw)
}

// value reads the value that comes next; schema is nil where none describes it.
func (r *reader) value(schema *jsonschema.Schema, depth int) (any, bool) {
	if r.space(); r.pos == len(r.raw) || depth == 0 {
		return nil, false
	}
	switch c := r.raw[r.pos]; {
	case c == '{':
		if !admits(schema, "object") {
			return map[string]any{}, r.skip()
		}
		return r.object(schema, depth)
	case c == '[':
		if !admits(schema, "array") {
			return []any{}, r.skip()
		}
		return r.array(schema, depth)
	case c == '"':
		return r.argument(schema)
	}
	start := r.pos
	for r.pos < len(r.raw) && !endsScalar[r.raw[r.pos]] {
		r.pos++
	}
	return scalar(r.raw[start:r.pos])
}

// admits reports whether a schema lets a value be of a type.
func admits(schema *jsonschema.Schema, kind string) bool {
	return schema == nil || len(schema.Types) != 1 || schema.Types[0] == kind
}

// endsScalar are the bytes that end a number, true, false or null.
var endsScalar = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, ']': true, '}': true, '"': true, '{': true, '[': true, ':': true}

// scalar reads a number, true, false or null.
func scalar(text []byte) (any, bool) {
	switch string(text) {
	case "true":
		return true, true
	case "false":
		return false, true
	case "null":
		return nil, true
	}
	return json.Number(text), json.Valid(text)
}

// object reads an object.
func (r *reader) object(schema *jsonschema.Schema, depth int) (any, bool) {
	object := make(map[string]any)
	open := schema != nil && len(schema.Properties) == 0 && schema.AdditionalProperties != false
	for n := 0; ; n++ {
		done, ok := r.more(n == 0, '}')
		if done && open && n > maxMembers {
			r.long = append(r.long, problem(r.path(), Items, fmt.Sprintf("must have at most %s, got %d", count(maxMembers, "member"), n)))
		}
		if done || !ok {
			return object, ok
		}
		key, ok := r.text()
		if _, twice := object[key]; !ok || twice {
			return nil, false
		}
		if r.members++; r.members > maxKeys {
			r.refused = "more than 6,000 members; send fewer at a time"
			return nil, false
		}
		if r.space(); r.pos == len(r.raw) || r.raw[r.pos] != ':' {
			return nil, false
		}
		r.pos++
		property, known := member(schema, key)
		if !known && r.unknown < MaxProblems {
			r.unknown++
			object[key] = nil
		}
		if !known || open && n >= maxMembers {
			if !r.skip() {
				return nil, false
			}
			continue
		}
		r.at = append(r.at, step{name: key})
		if object[key], ok = r.value(property, depth-1); !ok {
			return nil, false
		}
		r.at = r.at[:len(r.at)-1]
	}
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
func (r *reader) array(schema *jsonschema.Schema, depth int) (any, bool) {
	list := []any{}
	var items *jsonschema.Schema
	most := len(r.raw)
	if schema != nil {
		if items, most = schema.Items2020, schema.MaxItems; most < 0 {
			most = maxItems
		}
	}
	for n := 0; ; n++ {
		done, ok := r.more(n == 0, ']')
		if done || !ok {
			return list, ok
		}
		if n == most || schema == nil && r.free == maxItems {
			left, ok := r.rest()
			text := tooMany(most, n+left)
			if schema == nil {
				text = fmt.Sprintf("holds more than %s, with the lists before it", count(maxItems, "item"))
			}
			r.long = append(r.long, problem(r.path(), Items, text))
			return list, ok
		}
		if schema == nil {
			r.free++
		}
		r.at = append(r.at, step{index: n})
		item, ok := r.value(items, depth-1)
		if !ok {
			return nil, false
		}
		list = append(list, item)
		r.at = r.at[:len(r.at)-1]
	}
}

// rest goes past the end of an array, at one of its items, and returns how many
// there were to come.
func (r *reader) rest() (items int, ok bool) {
	for depth := 0; r.pos < len(r.raw); r.pos++ {
		switch r.raw[r.pos] {
		case '"':
			r.quoted()
			r.pos-- // the loop goes on
		case '{', '[':
			depth++
		case ',':
			if depth == 0 {
				items++
			}
		case '}', ']':
			if depth--; depth < 0 {
				r.pos++
				return items + 1, true
			}
		}
	}
	return items, false
}

// more goes on to the next member or item, or past the end.
func (r *reader) more(first bool, end byte) (done, ok bool) {
	if first {
		r.pos++ // what the value begins with
	}
	if r.space(); r.pos == len(r.raw) {
		return false, false
	}
	switch c := r.raw[r.pos]; {
	case c == end:
		r.pos++
		return true, true
	case first:
		return false, true
	case c != ',':
		return false, false
	}
	r.pos++
	r.space()
	return false, r.pos < len(r.raw) && r.raw[r.pos] != end
}

// skip goes past a value without reading it.
func (r *reader) skip() bool {
	r.space()
	start, depth := r.pos, 0
	for r.pos < len(r.raw) {
		switch c := r.raw[r.pos]; {
		case depth > 0 && c != '"' && c|0x20 != '{' && c|0x20 != '}': // also [ and ]
		case c == '"':
			if r.quoted(); depth == 0 {
				return r.pos <= len(r.raw)
			}
			continue
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth > 0:
			if depth--; depth == 0 {
				r.pos++
				return true
			}
		case depth == 0 && endsScalar[c]:
			return r.pos > start
		}
		r.pos++
	}
	return depth == 0 && r.pos > start
}

// space goes past white space.
func (r *reader) space() {
	for r.pos < len(r.raw) && (r.raw[r.pos] == ' ' || r.raw[r.pos] == '\n' || r.raw[r.pos] == '\t' || r.raw[r.pos] == '\r') {
		r.pos++
	}
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
