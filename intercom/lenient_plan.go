package intercom

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// maxKey bounds the name of a member, in bytes.
const maxKey = 1024

// plan is how a type is decoded.
type plan struct {
	kind    reflect.Kind
	own     bool   // the type decodes itself
	record  string // the kind of the record, "" for what is none
	id      []int  // the field of the record's id
	named   bool   // the record goes by its name, which may be any text, in place of an id
	given   []int  // the field of the texts that came escaped; nil: it has none
	odd     []int  // the field of why keys cannot be read; nil: it has none
	needed  []*plannedField
	fields  map[string]*plannedField
	element *plan // of a list, a map or a pointer
}

// plannedField is one key of an object.
type plannedField struct {
	name   string
	index  []int
	strict bool     // nothing can be done without it
	oneOf  []string // what a text can be; nil: anything
	plan   *plan
}

// field is the field of a key as it is written; nil: there is none.
func (p *plan) field(quoted []byte) *plannedField {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return p.fields[string(quoted[1:len(quoted)-1])]
	}
	name, _ := unquote(quoted)
	return p.fields[name]
}

// recordID is the id of a record that was decoded.
func recordID(wire any) string {
	v := reflect.ValueOf(wire).Elem()
	return v.FieldByIndex(planOf(v.Type()).id).String()
}

var plans sync.Map // of *plan by reflect.Type

// planOf returns the plan of a type, which must not contain itself.
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	p := &plan{kind: t.Kind(), own: reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())}
	switch p.kind {
	case reflect.Struct:
		p.fields = make(map[string]*plannedField)
		p.addFields(t, nil)
	case reflect.Slice, reflect.Map, reflect.Pointer:
		p.element = planOf(t.Elem())
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
		switch index := append(append([]int(nil), above...), i); f.Name {
		case "Given":
			p.given = index
		case "Odd":
			p.odd = index
		}
		if _, taken := p.fields[name]; taken || name == "" || name == "-" {
			continue
		}
		field := &plannedField{name: name, index: append(append([]int(nil), above...), i), plan: planOf(f.Type)}
		if texts := f.Tag.Get("oneof"); texts != "" {
			field.oneOf = strings.Split(texts, ",")
		}
		switch f.Tag.Get("odd") {
		case "never,needed":
			p.needed = append(p.needed, field)
			fallthrough
		case "never":
			field.strict = true
		}
		if kind := f.Tag.Get("record"); kind != "" {
			p.record, p.id, p.named, field.strict = kind, field.index, name == "name", true
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
