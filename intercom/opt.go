package intercom

import (
	"bytes"
	"encoding/json"
)

// Opt is a field of a partial write: absent (the zero Opt, which leaves the field alone), null (which clears it) or a
// value. Its JSON tag needs omitzero, so that an absent field is not written.
type Opt[T any] struct {
	value T
	state optState
}

type optState uint8

const (
	optAbsent optState = iota
	optNull
	optValue
)

// Value is a field set to v.
func Value[T any](v T) Opt[T] { return Opt[T]{value: v, state: optValue} }

// Null is a field that gets cleared.
func Null[T any]() Opt[T] { return Opt[T]{state: optNull} }

// IsZero reports whether the field is absent.
func (o Opt[T]) IsZero() bool { return o.state == optAbsent }

// IsNull reports whether the field gets cleared.
func (o Opt[T]) IsNull() bool { return o.state == optNull }

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == optValue }

// MarshalJSON writes the value, or null without one.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != optValue {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads null or a value.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Value(v)
	return nil
}
