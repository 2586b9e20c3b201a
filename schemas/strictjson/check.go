package strictjson

import "encoding/json"

// Check looks over a JSON text before anything decodes it, and refuses what readers of JSON read differently or choke
// on: more than 512 KiB, 32 levels, 1,024 keys in an object, or 6,000 in all; keys that are there twice (or differ only
// by case, which encoding/json takes for the same), NUL characters, invalid UTF-8, surrogates without their other half,
// numbers that are not finite as a float64 or below the smallest normal one, numbers of more than 19 digits with an
// exponent beyond 22, and anything but one JSON value. Integers may be as large as they like within that: Check reads
// nothing out. The error is an [*Error].
func Check(raw []byte) error {
	return Read(raw, func(r *Reader) error {
		_, err := r.Raw()
		return err
	})
}

// Members checks a JSON text like [Check], and splits the object that it is into its members, which keep the form they
// were sent in; and the object in the member of the name within, which would otherwise be gone over twice. Of what is
// no object it returns nil.
func Members(raw []byte, within string) (members, inner map[string]json.RawMessage, err error) {
	err = Read(raw, func(r *Reader) (err error) {
		if r.Kind() != '{' {
			_, err = r.Raw()
			return err
		}
		members, inner, err = r.split(within)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return members, inner, nil
}

// split reads an object.
func (r *Reader) split(within string) (members, inner map[string]json.RawMessage, err error) {
	members = make(map[string]json.RawMessage)
	for name, err := range r.Members() {
		if err != nil {
			return nil, nil, err
		}
		if name != "" && name == within && r.Kind() == '{' {
			start := r.valueAt(r.in.InputOffset())
			inner, _, err = r.split("")
			members[name] = r.since(start)
		} else {
			members[name], err = r.Raw()
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return members, inner, nil
}
