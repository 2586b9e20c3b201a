package intercom

import (
	"cmp"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// list decodes a slice, without what is odd in it.
func (d *answerDecoder) list(p *plan, v reflect.Value, kind jsontext.Kind) error {
	if kind != '[' {
		return d.skip("is no list")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	items := reflect.New(v.Type()).Elem()
	items.Set(reflect.MakeSlice(v.Type(), 0, 0))
	outer, at := d.strict, len(d.path)
	var failed error
	for i := 0; d.in.PeekKind() != ']'; i++ {
		if err := d.count(i); err != nil {
			return err
		}
		d.path = append(strconv.AppendInt(append(d.path, '['), int64(i), 10), ']')
		n := items.Len()
		items.Grow(1)
		items.SetLen(n + 1)
		err := d.value(p.element, items.Index(n))
		d.strict = outer
		if isOdd(err) {
			failed = cmp.Or(failed, err)
			d.dropped(p.element, err)
		} else if err != nil && err != errLenient {
			return err
		}
		if err != nil {
			items.Index(n).SetZero()
			items.SetLen(n)
		}
		d.path = d.path[:at]
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	v.Set(items)
	if p.element.record == "" || d.records == 0 && (d.every || items.Len() == 0) {
		return failed
	}
	return nil // the others are shown
}

// dropped tells of an item that is left out.
func (d *answerDecoder) dropped(element *plan, err error) {
	var odd *UnreadableError
	if record := element.record; record != "" && errors.As(err, &odd) {
		u := odd.Value
		if u.Record == "" {
			u.Record = record
		} else if u.Record == record { // without an id
			u.Key = strings.TrimSuffix(string(d.path)+"."+u.Key, ".")
		}
		u.Reason += ", so it is left out"
		u.Dropped = d.records == 0
		d.add(u)
	}
}

// members decodes a map, without what is odd in it.
func (d *answerDecoder) members(p *plan, v reflect.Value, kind jsontext.Kind) error {
	if kind != '{' {
		return d.skip("is no object")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	members := reflect.MakeMap(v.Type())
	plain, isPlain := members.Interface().(map[string]any)
	at := len(d.path)
	var failed error
	for d.in.PeekKind() != '}' {
		token, err := d.in.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if err := d.count(members.Len()); err != nil || len(name) > maxKey {
			return errTooMany
		}
		d.record += len(name)
		d.kept += len(name)
		name = Unescape(name)
		d.path = appendKey(d.path, name)
		if isPlain {
			err = d.plainMember(plain, name)
		} else {
			value := reflect.New(v.Type().Elem()).Elem()
			if err = d.value(p.element, value); err == nil {
				members.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), value)
			}
		}
		d.path = d.path[:at]
		if isOdd(err) {
			failed = cmp.Or(failed, err)
		} else if err != nil && err != errLenient {
			return err
		}
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	v.Set(members)
	return failed
}

// plainMember decodes a member of a map of values of no particular type.
func (d *answerDecoder) plainMember(members map[string]any, name string) error {
	kind := d.in.PeekKind()
	if kind == 'n' {
		members[name] = nil
		return d.in.SkipValue()
	}
	value, err := d.any(kind)
	if err == nil {
		members[name] = value
	}
	return err
}
