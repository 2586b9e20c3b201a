package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// The bounds of JSON that comes from outside.
const (
	MaxBytes   = 512 << 10
	MaxDepth   = 32
	MaxNames   = 1024 // in one object
	MaxMembers = 6000 // in all objects together: 200 updates of a contact with 28 members each
	MaxNumber  = 400  // characters; the largest float64 written out has 309 digits
)

// Kind is which value or end comes next: '{', '[', '"', '0' (any number), 't', 'f', 'n', '}' or ']'; 0 where what
// comes is broken, or nothing.
type Kind = jsontext.Kind

// Reader goes over one JSON text. What it reads it refuses with an [*Error] as [Check] does; what is skipped need only
// be JSON. After an error it must not be used. It is not safe for concurrent use.
type Reader struct {
	raw     []byte
	buffer  bytes.Buffer
	in      jsontext.Decoder
	nul     bool // the text may hold a NUL that is escaped
	members int  // names read
	open    [MaxDepth + 1]names
	deepest int    // level of open that was used
	room    []byte // for names that are compared in another form
}

// readers are kept for the room that they have.
var readers = sync.Pool{New: func() any { return new(Reader) }}

// Read has a function read raw, which it must do to the end of one value: whatever follows is an error. The reader
// must not be used after the function has returned.
func Read(raw []byte, read func(*Reader) error) error {
	if len(raw) > MaxBytes {
		return &Error{Reason: fmt.Sprintf("more than %d KiB of JSON", MaxBytes>>10)}
	}
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	r.reset(raw)
	defer r.forget()
	if err := read(r); err != nil {
		return err
	}
	if _, err := r.in.ReadToken(); err != io.EOF {
		return r.explain(int64(len(raw)), err)
	}
	return nil
}

// reset begins another text.
func (r *Reader) reset(raw []byte) {
	r.raw, r.members, r.room = raw, 0, r.room[:0]
	r.nul = bytes.Contains(raw, escapedNUL)
	r.buffer = *bytes.NewBuffer(raw)
	r.in.Reset(&r.buffer, jsontext.AllowDuplicateNames(true)) // ours are compared without their case
}

// forget lets go of the text, so that the pool keeps none alive.
func (r *Reader) forget() {
	r.reset(nil)
	for ; r.deepest > 0; r.deepest-- {
		r.open[r.deepest].forget()
	}
}

var escapedNUL = []byte(`\u0000`)

// Kind tells what comes next.
func (r *Reader) Kind() Kind { return r.in.PeekKind() }

// Members reads an object: it yields the name of each member, whose value is to be read or skipped before the next. An
// error is yielded last.
func (r *Reader) Members() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if _, _, err := r.token(); err != nil {
			yield("", err)
			return
		}
		for r.in.PeekKind() != '}' {
			_, name, err := r.token()
			if err != nil {
				yield("", err)
				return
			}
			if !yield(unquote(name), nil) {
				return
			}
		}
		if _, _, err := r.token(); err != nil {
			yield("", err)
		}
	}
}

// Items reads an array: it yields the index of each item, which is to be read or skipped before the next. An error is
// yielded last.
func (r *Reader) Items() iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		if _, _, err := r.token(); err != nil {
			yield(0, err)
			return
		}
		for i := 0; r.in.PeekKind() != ']'; i++ {
			if r.in.PeekKind() == 0 {
				break // the token is an error
			}
			if !yield(i, nil) {
				return
			}
		}
		if _, _, err := r.token(); err != nil {
			yield(0, err)
		}
	}
}

// Scalar reads a string, a bool, null, or a number as it is written, which is a [json.Number].
func (r *Reader) Scalar() (any, error) {
	kind, text, err := r.token()
	if err != nil {
		return nil, err
	}
	switch kind {
	case '"':
		return unquote(text), nil
	case '0':
		return json.Number(text), nil
	case 't', 'f':
		return kind == 't', nil
	}
	return nil, nil
}

// Raw reads a value whole, and returns it as it is written, without the space around it.
func (r *Reader) Raw() (json.RawMessage, error) {
	start := r.valueAt(r.in.InputOffset())
	for depth := r.in.StackDepth(); ; {
		if _, _, err := r.token(); err != nil {
			return nil, err
		}
		if r.in.StackDepth() <= depth {
			return r.since(start), nil
		}
	}
}

// Skip goes past a value without reading it.
func (r *Reader) Skip() error {
	start := r.in.InputOffset()
	if _, err := r.in.ReadValue(); err != nil {
		return r.explain(start, err)
	}
	return nil
}

// SkipItems goes past the end of the array whose items are being read, without reading more of them, and returns how
// many it has in all.
func (r *Reader) SkipItems() (items int64, err error) {
	array := r.in.StackDepth()
	for depth := array; depth >= array; depth = r.in.StackDepth() {
		if depth == array {
			_, items = r.in.StackIndex(array)
		}
		start := r.in.InputOffset()
		if _, err := r.in.ReadToken(); err != nil {
			return 0, r.explain(start, err)
		}
	}
	return items, nil
}

// token reads the next token. The text of a name, string or number is as it is written.
func (r *Reader) token() (kind Kind, text []byte, err error) {
	start := r.in.InputOffset()
	token, err := r.in.ReadToken()
	if err != nil {
		return 0, nil, r.explain(start, err)
	}
	switch kind = token.Kind(); kind {
	case '{', '[':
		err = r.checkDepth()
	case '"':
		text = r.since(r.valueAt(start))
		err = r.checkString(text)
	case '0':
		text = r.since(r.valueAt(start))
		if reason := badNumber(text); reason != "" {
			err = r.refuse(r.in.StackPointer(), "%s", reason)
		}
	}
	return kind, text, err
}

// valueAt returns where the value begins that comes after an offset.
func (r *Reader) valueAt(offset int64) int {
	at := int(offset)
	for at < len(r.raw) && between[r.raw[at]] {
		at++
	}
	return at
}

// between are the bytes that stand between a token and the next.
var between = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, ',': true, ':': true}

// since returns what was read since a place.
func (r *Reader) since(start int) json.RawMessage {
	end := int(r.in.InputOffset())
	return r.raw[start:end:end]
}

// checkString refuses a NUL, and a name that must not be there.
func (r *Reader) checkString(quoted []byte) error {
	kind, length := r.in.StackIndex(r.in.StackDepth())
	name := kind == '{' && length%2 == 1
	if r.nul && bytes.Contains(quoted, escapedNUL) && strings.Contains(unquote(quoted), "\x00") {
		at := r.in.StackPointer()
		if name {
			at = at.Parent()
		}
		return r.refuse(at, "a NUL character")
	}
	if name {
		return r.checkName(quoted)
	}
	return nil
}

// checkDepth enters an object or array.
func (r *Reader) checkDepth() error {
	depth := r.in.StackDepth()
	if depth > MaxDepth {
		at := r.in.StackPointer()
		for range MaxDepth - 4 { // the beginning of the path will do
			at = at.Parent()
		}
		return r.refuse(at, "more than %d levels of JSON", MaxDepth)
	}
	r.open[depth].clear()
	r.deepest = max(r.deepest, depth)
	return nil
}

// checkName counts a name, and compares it with the others of its object.
func (r *Reader) checkName(quoted []byte) error {
	known := &r.open[r.in.StackDepth()]
	if !known.add(r.fold(quoted)) {
		return r.refuse(r.in.StackPointer(), "a key that is there twice")
	}
	if known.count > MaxNames {
		return r.refuse(r.in.StackPointer(), "more than %d keys in one object", MaxNames)
	}
	if r.members++; r.members > MaxMembers {
		return ErrMembers
	}
	return nil
}

// unquote returns what a string of JSON means. It must be one.
func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	text, _ := jsontext.AppendUnquote(nil, quoted) // never fails: it was read
	return string(text)
}
