package change

import (
	"crypto/rand"
	"encoding/base32"
	"regexp"
	"sync"
)

// crockford is Crockford's base32 in lower case: no i, l, o or u to misread.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

var idPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^chg_[0-9a-hjkmnp-tv-z]{26}$`) })

// NewID returns a fresh handle: chg_ and 128 random bits in Crockford base32.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	return "chg_" + crockford.EncodeToString(b[:])
}

// IsID reports whether s has the form of a handle.
func IsID(s string) bool { return idPattern().MatchString(s) }
