package intercom

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

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
	maxLost  = 1000     // and records that are left out of it

	maxRecord = 512 << 10     // bytes of what is kept of one record
	maxCustom = maxRecord / 2 // the part of it that is there for custom attributes
	maxKept   = 2 << 20       // bytes of what is kept of one answer, but for a client that writes: it must have all
)

// Unreadable is a value of an answer that is not what its key is for: it counts as absent.
type Unreadable struct {
	Record string // "contact 6650c0ffee…", or "list"
	Key    string // as "custom_attributes" or "tags.data[2].id"; "" for the whole record
	Reason string // as "is no text"
	// Dropped reports that the record is missing from the list that was asked for.
	Dropped bool
}

// OfRecord reports whether the value is of a record: it will be no other the next time.
func (u Unreadable) OfRecord() bool { return u.Record != recordOfAnswer }

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

// UnreadableError is what cannot be done, since it depends on a value that is not what its key is for.
type UnreadableError struct{ Value Unreadable }

// Error implements error.
func (e *UnreadableError) Error() string { return e.Value.String() }

// unread names the first of some keys of a record that cannot be read, given why each of its keys cannot; nil: all can.
func unread(record string, odd map[string]string, keys []string) error {
	for _, key := range keys {
		for _, at := range []string{key, topKey(key)} {
			if reason, ok := odd[at]; ok {
				return &UnreadableError{Unreadable{Record: record, Key: at, Reason: reason}}
			}
		}
	}
	return nil
}

// recordOfAnswer is the record of what is in none.
const recordOfAnswer = "answer"

// customAttributes is the key of a record whose members are told apart.
const customAttributes = "custom_attributes"

// oddKey is the key of a record that a path in it counts for.
func oddKey(path string) string {
	if strings.HasPrefix(path, customAttributes+".") {
		return path
	}
	return topKey(path)
}

// topKey is where a path in a record begins.
func topKey(path string) string {
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end]
	}
	return path
}

// answerDecoder decodes one answer into its wire form, texts unescaped. A struct's tags direct it: json names the key,
// odd:"never" says that nothing can be done with a wrong value of it, odd:"never,needed" likewise, and that one that is
// null or absent is told, oneof beside it which texts are valid, and record, on the id, makes the struct a record of
// that kind. Of a record, the field Given keeps, by its key, each text that was escaped as it came, and Odd why a key
// cannot be read.
type answerDecoder struct {
	in      *jsontext.Decoder
	all     bool // nothing is left out for the size of the answer
	every   bool // a record that cannot be read fails the list that it is in
	strict  bool // the value at hand is one that nothing can be done without
	path    []byte
	found   []Unreadable
	total   int // items and members
	nested  int // bytes of objects and lists of no particular type
	record  int // bytes that are kept of the record at hand
	kept    int // bytes that are kept
	records int // how many records the value at hand is in
	given   map[string]string
	odds    map[string]string
}

// isOdd reports whether err is an UnreadableError. Unlike [errors.As] it needs no room, and it is asked at every value.
func isOdd(err error) bool {
	_, ok := err.(*UnreadableError)
	return ok
}

// errLenient is a value that became absent.
var errLenient = errors.New("the value counts as absent")

// decodeAnswer decodes a whole answer. What is no JSON, or lacks what cannot do without, is an error. all and every are
// those of [answerDecoder].
func decodeAnswer(body []byte, into any, all, every bool) ([]Unreadable, error) {
	d := answerDecoder{all: all, every: every, strict: true}
	d.in = jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v := reflect.ValueOf(into).Elem()
	err := d.value(planOf(v.Type()), v)
	var odd *UnreadableError
	if errors.As(err, &odd) && odd.Value.Record == "" {
		odd.Value.Record = recordOfAnswer
	}
	if errors.As(err, new(*jsontext.SyntacticError)) {
		return nil, errNotJSON
	}
	if err != nil {
		return nil, err
	}
	for i := range d.found {
		d.found[i].Record = cmp.Or(d.found[i].Record, recordOfAnswer)
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
	if !d.strict && (d.record+size > most || !d.all && d.kept+size > maxKept) {
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
	if d.strict {
		return &UnreadableError{u}
	}
	d.note(u)
	return errLenient
}

// note tells of a value of the record at hand that becomes absent.
func (d *answerDecoder) note(u Unreadable) {
	d.add(u)
	if d.odds == nil {
		d.odds = make(map[string]string)
	}
	d.odds[oddKey(u.Key)] = u.Reason
}

func (d *answerDecoder) add(u Unreadable) {
	if len(d.found) < maxOdd || u.Dropped && len(d.found) < maxLost {
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

// value decodes what comes next. An [*UnreadableError] and errLenient leave v zero.
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
	outer, at := d.strict, len(d.path)
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
		d.strict = field.strict
		d.path = appendKey(d.path, field.name)
		err = d.value(field.plan, v.FieldByIndex(field.index))
		d.path, d.strict = d.path[:at], outer
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
	before, path, given, odds, outer := len(d.found), d.path, d.given, d.odds, d.record
	d.path, d.given, d.odds, d.record = nil, nil, nil, 0
	d.records++
	err := d.fields(plan, v)
	d.records--
	id := v.FieldByIndex(plan.id).String()
	if err == nil && id == "" {
		err = &UnreadableError{Unreadable{Reason: "has no id"}}
	}
	if err == nil && !plan.named && !isID(id) { // no path of a request can hold it
		err = &UnreadableError{Unreadable{Key: "id", Reason: "is not an id"}}
	}
	for _, field := range plan.needed {
		switch value := v.FieldByIndex(field.index); {
		case err != nil:
		case value.IsZero():
			d.note(Unreadable{Key: field.name, Reason: "is missing"})
		case field.oneOf != nil && !slices.Contains(field.oneOf, value.String()):
			value.SetZero()
			d.note(Unreadable{Key: field.name, Reason: "is not " + strings.Join(field.oneOf, " or ")})
		}
	}
	if plan.given != nil && d.given != nil {
		v.FieldByIndex(plan.given).Set(reflect.ValueOf(d.given))
	}
	if plan.odd != nil && d.odds != nil {
		v.FieldByIndex(plan.odd).Set(reflect.ValueOf(d.odds))
	}
	d.path, d.given, d.odds, d.record = path, given, odds, outer
	if err == nil && len(d.found) == before {
		return nil
	}
	name := plan.record
	if isID(id) {
		name += " " + id
	}
	for i := before; i < len(d.found); i++ {
		if d.found[i].Record == "" {
			d.found[i].Record = name
		}
	}
	var odd *UnreadableError
	if errors.As(err, &odd) && odd.Value.Record == "" {
		odd.Value.Record = name
	}
	return err
}
