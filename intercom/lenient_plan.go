package intercom

import (
	"reflect"
	"strings"
	"sync"
)

// maxKey bounds the name of a member, in bytes.
const maxKey = 1024

// plan is how a struct is decoded.
type plan struct {
	record string // the kind of the record, "" for what is none
	id     []int  // the field of the record's id
	fields map[string]plannedField
}

// plannedField is one key of an object.
type plannedField struct {
	name   string
	index  []int
	strict strictness
}

// recordID is the id of a record that was decoded.
func recordID(wire any) string {
	v := reflect.ValueOf(wire).Elem()
	return v.FieldByIndex(planOf(v.Type()).id).String()
}

// least is how strict the fields of a struct are at least, given how strict its place is.
func (p *plan) least(outer strictness) strictness {
	if outer == strictWrites {
		return strictWrites
	}
	return lenient
}

var plans sync.Map // of *plan by reflect.Type

// planOf returns the plan of a type; that of one which is no struct is empty.
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	p := &plan{fields: make(map[string]plannedField)}
	if t.Kind() == reflect.Struct {
		p.addFields(t, nil)
	}
	known, _ := plans.LoadOrStore(t, p)
	return known.(*plan)
}

// addFields adds the fields of a struct, those of an embedded one after and below its own.
func (p *plan) addFields(t reflect.Type, above []int) {
	var embedded []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			embedded = append(embedded, f)
			continue
		}
		if _, taken := p.fields[name]; taken || name == "" || name == "-" {
			continue
		}
		field := plannedField{name: name, index: append(append([]int(nil), above...), i)}
		switch f.Tag.Get("odd") {
		case "never":
			field.strict = strictAlways
		case "write":
			field.strict = strictWrites
		}
		if kind := f.Tag.Get("record"); kind != "" {
			p.record, p.id, field.strict = kind, field.index, strictAlways
		}
		p.fields[name] = field
	}
	for _, f := range embedded {
		p.addFields(f.Type, append(append([]int(nil), above...), f.Index...))
	}
}

// appendKey appends a key to a path.
func appendKey(path []byte, key string) []byte {
	if len(path) > 0 {
		path = append(path, '.')
	}
	return append(path, key...)
}
