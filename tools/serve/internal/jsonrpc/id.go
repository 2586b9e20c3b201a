package jsonrpc

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxID is the length of the longest id as sent, in bytes: whatever a client numbers its requests by, and it hangs if
// none comes back.
const maxID = 8 << 10

// The search for an id ends at a depth that no message has, and after as many
// bytes that count, so that it is cheap however long the message is.
const (
	maxDepth = 32
	maxLooks = MaxMessage / 4
)

// IDKey returns what an id is known by: however it is written, the same string or integer has the same key, and no
// string has a number's. What is neither has a key of its own.
func IDKey(id json.RawMessage) string {
	var text string
	if len(id) > 0 && id[0] == '"' && json.Unmarshal(id, &text) == nil {
		return `"` + text
	}
	if n, err := strconv.ParseInt(string(id), 10, 64); err == nil {
		return strconv.FormatInt(n, 10) // -0 is 0
	}
	return string(id)
}

// validID reports whether a JSON value is an id: a string or a number, however it is written.
func validID(id json.RawMessage) bool {
	return len(id) <= maxID && (id[0] == '"' || isNumber(id))
}

// isNumber reports whether a JSON value is a number.
func isNumber(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '-' || '0' <= value[0] && value[0] <= '9')
}

// survives reports whether an id has the same bytes after mcp-go has decoded it, as a string or a float64, and encoded
// it again.
func survives(id json.RawMessage) bool {
	if id[0] == '"' {
		return !bytes.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune(`\<>&`, c) })
	}
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && n > -1<<53 && n < 1<<53 && strconv.FormatInt(n, 10) == string(id)
}

// standIn returns an id to use in the place of one that does not survive mcp-go. Nobody can guess it, so that wherever
// it comes out again it stands for that id.
func standIn() json.RawMessage { return json.RawMessage(`"id-` + rand.Text() + `"`) }

// idFinder finds the id of a message that is refused, so that whoever waits for the response learns of it. It takes the
// message in parts of any size, decodes nothing, and keeps no more than one key and one value. A message that is
// broken, or has several ids, may have none, but never another's.
type idFinder struct {
	depth    int  // of brackets
	quoted   bool // inside a string
	escaped  bool // the next byte is one that a backslash hides
	over     bool // past the end, no object, or given up
	key      []byte
	token    []byte // the key or value that is being read on the first level
	id       json.RawMessage
	conflict bool // the id is too long, or there are several
	looked   int  // bytes that counted
}

// firstID returns the id of a whole message.
func firstID(raw []byte) json.RawMessage {
	var f idFinder
	f.feed(raw)
	return f.found()
}

// found returns the id, or nil.
func (f *idFinder) found() json.RawMessage {
	if f.conflict || !json.Valid(f.id) || !utf8.Valid(f.id) || !validID(f.id) {
		return nil
	}
	return f.id
}

// feed takes the next part of the message.
func (f *idFinder) feed(part []byte) {
	for i := 0; i < len(part) && !f.over; i++ {
		if i += f.skipInsignificant(part[i:]); i == len(part) {
			return
		}
		if f.looked++; f.looked > maxLooks {
			f.over = true
			return
		}
		switch c := part[i]; {
		case f.quoted:
			f.keep(c)
			f.quoted = f.escaped || c != '"'
			f.escaped = !f.escaped && c == '\\'
		default:
			f.structure(c)
		}
	}
}

// skipInsignificant counts bytes at the beginning of part that change nothing. Most of a long message is such bytes.
func (f *idFinder) skipInsignificant(part []byte) int {
	part = part[:min(len(part), 1024)] // looking for two things must not take long if one is near
	switch {
	case f.depth == 1 && (!f.quoted || len(f.token) <= maxID), f.depth == 0, f.escaped:
		return 0
	case f.quoted:
		if quote := bytes.IndexByte(part, '"'); quote >= 0 {
			part = part[:quote]
		}
		if hidden := bytes.IndexByte(part, '\\'); hidden >= 0 {
			part = part[:hidden]
		}
		return len(part)
	}
	n := 0
	for n < len(part) && !significant[part[n]] {
		n++
	}
	return n
}

// significant are the bytes that count outside of strings below the first level.
var significant = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true}

// structure takes a byte outside of strings.
func (f *idFinder) structure(c byte) {
	switch c {
	case ' ', '\t', '\r', '\n':
		if len(f.token) > 0 {
			f.keep(' ') // 1 2 is not 12
		}
	case '{', '[':
		f.keep(c) // a value that begins so is no id
		f.depth++
		f.over = f.depth == 1 && c == '[' || f.depth > maxDepth
	case '}', ']':
		if f.depth == 1 {
			f.member()
			f.over = true
		}
		f.depth--
	case ',':
		if f.depth == 1 {
			f.member()
		}
	case ':':
		if f.depth == 1 {
			f.key, f.token = f.token, f.key[:0]
		}
	default:
		f.quoted = c == '"'
		f.keep(c)
		f.over = f.depth == 0
	}
}

// keep adds a byte to what is being read, up to one more than an id may have.
func (f *idFinder) keep(c byte) {
	if f.depth == 1 && len(f.token) <= maxID {
		f.token = append(f.token, c)
	}
}

// member ends a member of the message.
func (f *idFinder) member() {
	if string(bytes.TrimSpace(f.key)) == `"id"` {
		id := bytes.Clone(bytes.TrimSpace(f.token))
		f.conflict = f.conflict || len(f.token) > maxID || f.id != nil && !bytes.Equal(f.id, id)
		f.id = id
	}
	f.key, f.token = f.key[:0], f.token[:0]
}
