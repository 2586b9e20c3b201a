package tools

import (
	"bytes"
	"hash/maphash"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// keySet are the keys of one object, in the form in which they are compared. It
// is made to be cleared and filled again many times over.
type keySet struct {
	list  [][]byte
	slots []keySlot // a power of two of them, at most half of them taken
	round uint32    // of filling; what an earlier one left counts as empty
}

// keySlot holds a key of a round.
type keySlot struct{ round, at uint32 }

// keySeed makes it unforeseeable which keys share a slot.
var keySeed = maphash.MakeSeed()

// fewKeys is how many keys an object has room for at first.
const fewKeys = 8

func (k *keySet) clear() {
	k.list = k.list[:0]
	k.round++
}

// holds adds a key, or reports that it is there.
func (k *keySet) holds(key []byte) bool {
	if 2*len(k.list) >= len(k.slots) {
		k.grow()
	}
	slot := k.find(key)
	if slot.round == k.round {
		return true
	}
	*slot = keySlot{k.round, uint32(len(k.list))}
	k.list = append(k.list, key)
	return false
}

// find returns the key's slot, or the one that it may take.
func (k *keySet) find(key []byte) *keySlot {
	mask := uint64(len(k.slots) - 1)
	for i := maphash.Bytes(keySeed, key); ; i++ {
		slot := &k.slots[i&mask]
		if slot.round != k.round || bytes.Equal(k.list[slot.at], key) {
			return slot
		}
	}
}

// grow makes room for twice as many keys.
func (k *keySet) grow() {
	if k.list == nil {
		k.list = make([][]byte, 0, fewKeys)
	}
	k.round = 1 // new slots are of round 0
	k.slots = make([]keySlot, max(2*fewKeys, 2*len(k.slots)))
	for at, key := range k.list {
		*k.find(key) = keySlot{k.round, uint32(at)}
	}
}

// plain undoes the escapes of a key that the scanner has gone through. The result
// is never nil, and lives as long as the scanner.
func (s *scanner) plain(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	start := len(s.room)
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			s.room = append(s.room, raw[i])
			i++
			continue
		}
		r, ok := unit(raw[i:])
		switch {
		case !ok:
			s.room = append(s.room, escapes[raw[i+1]])
			i += 2
			continue
		case utf16.IsSurrogate(r):
			i += 6
			other, _ := unit(raw[i:])
			r = utf16.DecodeRune(r, other)
		}
		s.room = utf8.AppendRune(s.room, r)
		i += 6
	}
	return s.room[start:len(s.room):len(s.room)]
}

// fold maps keys that encoding/json takes for the same to one: all that differ
// from it by case only, U+212A (Kelvin) for k and the like included. The result
// lives as long as the scanner.
func (s *scanner) fold(key []byte) []byte {
	i := 0
	for i < len(key) && key[i] < utf8.RuneSelf && (key[i] < 'A' || key[i] > 'Z') {
		i++
	}
	if i == len(key) { // most keys
		return key
	}
	start := len(s.room)
	s.room = append(s.room, key[:i]...)
	for i < len(key) {
		c := key[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			s.room = append(s.room, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(key[i:])
		s.room = utf8.AppendRune(s.room, foldRune(r))
		i += size
	}
	return s.room[start:len(s.room):len(s.room)]
}

// foldRune maps letters that differ by case only to one.
func foldRune(r rune) rune {
	if page := r >> 8; int(page) < len(foldings()) {
		if page := foldings()[page]; page != nil && page[r&0xff] != 0 {
			return page[r&0xff]
		}
	}
	return r
}

// foldings are the letters that foldRune maps to others, by pages of 256.
// Finding them out one by one takes long, for texts made of nothing else.
var foldings = sync.OnceValue(func() []*[256]rune {
	pages := make([]*[256]rune, 0x20000>>8)
	for _, cased := range unicode.CaseRanges {
		for r := rune(cased.Lo); r <= rune(cased.Hi); r++ {
			smallest := r
			for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
				smallest = min(smallest, other)
			}
			if 'A' <= smallest && smallest <= 'Z' {
				smallest += 'a' - 'A'
			}
			if smallest == r {
				continue
			}
			if pages[r>>8] == nil {
				pages[r>>8] = new([256]rune)
			}
			pages[r>>8][r&0xff] = smallest
		}
	}
	return pages
})
