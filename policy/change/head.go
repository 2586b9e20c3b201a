package change

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrTampered is an audit trail that is not as it was written.
var ErrTampered = errors.New("the audit trail was tampered with")

// Head names an event by its place and its hash, and by that the whole trail
// up to it. The zero Head is that of an empty trail.
type Head struct {
	Seq  int64
	Hash string
}

// String writes a head as ParseHead reads it: 12:9f86d0….
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, h.Hash) }

// ParseHead reads what [Head.String] wrote.
func ParseHead(s string) (Head, error) {
	number, hash, ok := strings.Cut(s, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || seq < 0 || len(hash) != 64 && seq > 0 {
		return Head{}, fmt.Errorf("%q is no head such as 12:9f86d0…, a number and a SHA-256", s)
	}
	return Head{seq, hash}, nil
}
