package intercom

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// The bounds of an answer that is decoded.
const (
	maxText  = 64 << 10 // bytes of one value
	maxItems = 20_000   // of a list, and members of a map
	maxTotal = 300_000  // items and members of one answer that are kept
	maxAny   = 64 << 10 // bytes of objects and lists in custom attributes of one answer
	maxDeep  = 8 << 10  // and of one such value
	maxOdd   = 20       // values told of one answer

	maxRecord = 512 << 10     // bytes of what is kept of one record
	maxCustom = maxRecord / 2 // the part of it that is there for custom attributes
	maxKept   = 2 << 20       // bytes of what is kept of one answer, but for a client that writes: it must have all
)

// Unreadable is a value of an answer that is not what its key is for: it counts as absent.
type Unreadable struct {
	Record string // "contact 6650c0ffee…", or "list"
	Key    string // as "custom_attributes" or "tags.data[2].id"; "" for the whole record
	Reason string // as "is no text"
}

// String is the sentence without its full stop. It has nothing that a customer wrote in it.
func (u Unreadable) String() string {
	if u.Key == "" {
		return u.Record + " " + u.Reason
	}
	return u.Record + ": " + u.Key + " " + u.Reason
}

type unreadableKey struct{}

// WithUnreadable returns a context whose calls report what they could not read of their answers. The function is
// called in the goroutine of the call, before the call returns.
func WithUnreadable(ctx context.Context, report func(Unreadable)) context.Context {
	return context.WithValue(ctx, unreadableKey{}, report)
}

// ReportUnreadable reports to the function of WithUnreadable, if there is one: for those who keep an answer.
func ReportUnreadable(ctx context.Context, all ...Unreadable) {
	report, ok := ctx.Value(unreadableKey{}).(func(Unreadable))
	if !ok {
		return
	}
	for _, u := range all {
		report(u)
	}
}

// strictness is when a wrong value of a key fails its record.
type strictness uint8

const (
	lenient      strictness = iota // never: it becomes absent
	strictWrites                   // for a client that writes: a write depends on it
	strictAlways                   // always: nothing can be done without it
)

// answerDecoder decodes one answer into its wire form, texts unescaped. A struct's tags direct it: json names the key,
// odd:"write" and odd:"never" say how strict it is, and record, on the id, makes the struct a record of that kind. A
// record's field Given keeps, by its key, each text that was escaped as it came.
type answerDecoder struct {
	in     *jsontext.Decoder
	writes bool // the client depends on what a write depends on
	level  strictness
	path   []byte
	found  []Unreadable
	total  int // items and members
	nested int // bytes of objects and lists of no particular type
	record int // bytes that are kept of the record at hand
	kept   int // bytes that are kept
	given  map[string]string
}

// oddError is a value that is not what its key is for. It was read to its end.
type oddError struct{ value Unreadable }

func (e *oddError) Error() string { return e.value.String() }

// isOdd reports whether err is an oddError. Unlike [errors.As] it needs no room, and it is asked at every value.
func isOdd(err error) bool {
	_, ok := err.(*oddError)
	return ok
}

// errLenient is a value that became absent.
var errLenient = errors.New("the value counts as absent")

// decodeAnswer decodes a whole answer. What is no JSON, or lacks what cannot do without, is an error.
func decodeAnswer(body []byte, into any, writes bool) ([]Unreadable, error) {
	d := answerDecoder{writes: writes, level: strictAlways}
	d.in = jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v := reflect.ValueOf(into).Elem()
	err := d.value(planOf(v.Type()), v)
	var odd *oddError
	if errors.As(err, &odd) && odd.value.Record == "" {
		odd.value.Record = "answer"
	}
	if errors.As(err, new(*jsontext.SyntacticError)) {
		return nil, errNotJSON
	}
	if err != nil {
		return nil, err
	}
	for i := range d.found {
		d.found[i].Record = cmp.Or(d.found[i].Record, "answer")
	}
	if _, err := d.in.ReadToken(); err != io.EOF {
		return nil, errors.New("there is something after the JSON value")
	}
	return d.found, nil
}

var errNotJSON = errors.New("it is no JSON, or breaks off")

// count counts an item or a member.
func (d *answerDecoder) count(of int) error {
	if d.total++; d.total > maxTotal || of >= maxItems {
		return errTooMany
	}
	return nil
}

// keep counts the bytes of a value that is kept, and reports whether there is room for it in that much of a record.
// What an answer is nothing without is short, and always kept.
func (d *answerDecoder) keep(size, most int) bool {
	if d.level != strictAlways && (d.record+size > most || !d.writes && d.kept+size > maxKept) {
		return false
	}
	d.record += size
	d.kept += size
	return true
}

var errTooMany = fmt.Errorf("%w: a list or an object has too many items", errTooLong)

// odd tells of a value that was read: an error where the record cannot do without it.
func (d *answerDecoder) odd(reason string) error {
	u := Unreadable{Key: string(d.path), Reason: reason}
	if d.level == strictAlways || d.level == strictWrites && d.writes {
		return &oddError{u}
	}
	d.add(u)
	return errLenient
}

func (d *answerDecoder) add(u Unreadable) {
	if len(d.found) < maxOdd {
		d.found = append(d.found, u)
	}
}

// skip goes past a value that is none of those wanted.
func (d *answerDecoder) skip(reason string) error {
	if err := d.in.SkipValue(); err != nil {
		return err
	}
	return d.odd(reason)
}

// value decodes what comes next. An [*oddError] and errLenient leave v zero.
func (d *answerDecoder) value(p *plan, v reflect.Value) error {
	kind := d.in.PeekKind()
	if p.own {
		return d.own(v)
	}
	if kind == 'n' && p.kind != reflect.Struct {
		return d.in.SkipValue()
	}
	switch p.kind {
	case reflect.String:
		return d.text(v, kind)
	case reflect.Bool:
		if kind != 't' && kind != 'f' {
			return d.skip("is neither true nor false")
		}
		v.SetBool(kind == 't')
		return d.in.SkipValue()
	case reflect.Int, reflect.Int64:
		return d.whole(v, kind)
	case reflect.Struct:
		return d.object(p, v, kind)
	case reflect.Slice:
		return d.list(p, v, kind)
	case reflect.Map:
		return d.members(p, v, kind)
	case reflect.Pointer:
		target := reflect.New(v.Type().Elem())
		err := d.value(p.element, target.Elem())
		if err == nil {
			v.Set(target)
		}
		return err
	case reflect.Interface:
		value, err := d.any(kind)
		if err == nil {
			v.Set(reflect.ValueOf(value))
		}
		return err
	}
	return fmt.Errorf("no value of an answer goes into a %v", v.Type())
}

// object decodes a struct. What is odd in it and not essential becomes absent; the first that is essential is the
// error, once the object was read to its end.
func (d *answerDecoder) object(plan *plan, v reflect.Value, kind jsontext.Kind) error {
	if kind == 'n' && plan.record == "" && len(d.path) > 0 {
		return d.in.SkipValue()
	}
	if kind != '{' {
		return d.skip("is no object")
	}
	if plan.record != "" {
		return d.recordOf(plan, v)
	}
	return d.fields(plan, v)
}

// fields decodes the members of an object that the plan has.
func (d *answerDecoder) fields(plan *plan, v reflect.Value) error {
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	outer, at := d.level, len(d.path)
	var failed error
	for d.in.PeekKind() != '}' {
		quoted, err := d.in.ReadValue()
		if err != nil {
			return err
		}
		field := plan.field(quoted)
		if field == nil {
			if err := d.in.SkipValue(); err != nil {
				return err
			}
			continue
		}
		d.level = max(field.strict, plan.least(outer))
		d.path = appendKey(d.path, field.name)
		err = d.value(field.plan, v.FieldByIndex(field.index))
		d.path, d.level = d.path[:at], outer
		if isOdd(err) {
			failed = cmp.Or(failed, err)
		} else if err != nil && err != errLenient {
			return err
		}
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	return failed
}

// recordOf decodes a record, and tells what is odd in it by its kind and id.
func (d *answerDecoder) recordOf(plan *plan, v reflect.Value) error {
	before, path, given, outer := len(d.found), d.path, d.given, d.record
	d.path, d.given, d.record = nil, nil, 0
	err := d.fields(plan, v)
	if plan.given != nil && d.given != nil {
		v.FieldByIndex(plan.given).Set(reflect.ValueOf(d.given))
	}
	d.path, d.given, d.record = path, given, outer
	id := v.FieldByIndex(plan.id).String()
	if err == nil && id == "" {
		err = &oddError{Unreadable{Reason: "has no id"}}
	}
	if err == nil && len(d.found) == before {
		return nil
	}
	name := plan.record
	if idPattern().MatchString(id) {
		name += " " + id
	}
	for i := before; i < len(d.found); i++ {
		if d.found[i].Record == "" {
			d.found[i].Record = name
		}
	}
	var odd *oddError
	if errors.As(err, &odd) && odd.value.Record == "" {
		odd.value.Record = name
	}
	return err
}
