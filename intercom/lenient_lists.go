package intercom

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// list decodes a slice, without what is odd in it.
func (d *answerDecoder) list(v reflect.Value, kind jsontext.Kind) error {
	if kind != '[' {
		return d.skip("is no list")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	element := v.Type().Elem()
	items := reflect.MakeSlice(v.Type(), 0, 0)
	outer, at := d.level, len(d.path)
	var failed error
	for i := 0; d.in.PeekKind() != ']'; i++ {
		if err := d.count(i); err != nil {
			return err
		}
		d.path = append(strconv.AppendInt(append(d.path, '['), int64(i), 10), ']')
		items = reflect.Append(items, reflect.Zero(element))
		err := d.value(items.Index(items.Len() - 1))
		d.level = outer
		var odd *oddError
		if errors.As(err, &odd) {
			if failed == nil {
				failed = err
			}
			d.dropped(element, odd)
		} else if err != nil && err != errLenient {
			return err
		}
		if err != nil {
			items = items.Slice(0, items.Len()-1)
		}
		d.path = d.path[:at]
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	v.Set(items)
	if planOf(element).record == "" || d.writes || items.Len() == 0 {
		return failed
	}
	return nil // the others are shown
}

// dropped tells of an item that is left out.
func (d *answerDecoder) dropped(element reflect.Type, odd *oddError) {
	if record := planOf(element).record; record != "" {
		u := odd.Unreadable
		if u.Record == "" {
			u.Record = record
		} else if u.Record == record { // without an id
			u.Key = strings.TrimSuffix(string(d.path)+"."+u.Key, ".")
		}
		u.Reason += ", so it is left out"
		d.add(u)
	}
}

// members decodes a map, without what is odd in it.
func (d *answerDecoder) members(v reflect.Value, kind jsontext.Kind) error {
	if kind != '{' {
		return d.skip("is no object")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	members := reflect.MakeMap(v.Type())
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
		d.path = appendKey(d.path, name)
		value := reflect.New(v.Type().Elem()).Elem()
		err = d.value(value)
		d.path = d.path[:at]
		var odd *oddError
		switch {
		case err == nil:
			members.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), value)
		case errors.As(err, &odd):
			if failed == nil {
				failed = err
			}
		case err != errLenient:
			return err
		}
	}
	if _, err := d.in.ReadToken(); err != nil {
		return err
	}
	v.Set(members)
	return failed
}
