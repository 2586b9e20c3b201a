package console

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync"
)

const (
	codeLength = 10 // characters of 5 bits each
	codeTries  = 5  // wrong codes after which another one counts
)

// codeAlphabet has no letters that are read for others: Crockford's base32.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Codes are one-time codes by which a person signs in who reads the terminal that they are shown on. One counts at a
// time. It is safe for concurrent use.
type Codes struct {
	show func(code string)

	mu   sync.Mutex
	code string
	left int // wrong ones before another counts
}

// NewCodes returns codes that are shown by show, and shows the first. What show does must be quick, and not come back
// here.
func NewCodes(show func(code string)) *Codes {
	c := &Codes{show: show}
	c.renew()
	return c
}

// renew has another code count, and shows it. c.mu is held, or nobody else knows c.
func (c *Codes) renew() {
	raw := make([]byte, codeLength)
	_, _ = rand.Read(raw) // never fails
	for i := range raw {
		raw[i] = codeAlphabet[raw[i]%32]
	}
	c.code, c.left = string(raw), codeTries
	c.show(c.code[:codeLength/2] + "-" + c.code[codeLength/2:])
}

// take reports whether a code is the one that counts. It counts once: another one is shown then, and after codeTries
// wrong ones.
func (c *Codes) take(code string) bool {
	code = strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case strings.ContainsRune(codeAlphabet, r):
			return r
		}
		return -1
	}, strings.ToUpper(code))
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := subtle.ConstantTimeCompare([]byte(code), []byte(c.code)) == 1
	if c.left--; taken || c.left <= 0 {
		c.renew()
	}
	return taken
}
