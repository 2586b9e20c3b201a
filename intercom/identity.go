package intercom

import "strings"

// likeness is what an answer tells of an identifier that was sent.
type likeness int

const (
	untold  likeness = iota // it was not sent, or the answer has none
	same                    // it is the one sent, as Intercom keeps it
	differs                 // it is another one
)

// identifies reports whether a contact that was answered can be the one that the write creates. Intercom keeps e-mails
// in lower case, trims texts, and may escape them. A phone, which it may write anew, counts only where nothing else
// tells.
func (w ContactWrite) identifies(c *Contact) bool {
	email, key := keepsText(w.Email, c.Email), keepsText(w.ExternalID, c.ExternalID)
	if email == differs || key == differs {
		return false
	}
	return email == same || key == same || keepsPhone(w.Phone, c.Phone) != differs
}

// keepsText compares a text that was sent with the one that was answered.
func keepsText(sent Opt[string], answered string) likeness {
	text, _ := sent.Get()
	text, answered = strings.TrimSpace(text), strings.TrimSpace(answered)
	switch {
	case text == "" || answered == "":
		return untold
	case strings.EqualFold(text, answered), strings.EqualFold(Unescape(text), Unescape(answered)):
		return same
	}
	return differs
}

// keepsPhone compares phone numbers by their digits, of which either may have a country's in front.
func keepsPhone(sent Opt[string], answered string) likeness {
	number, _ := sent.Get()
	a, b := digits(number), digits(answered)
	switch {
	case a == "" || b == "":
		return untold
	case strings.HasSuffix(a, b), strings.HasSuffix(b, a):
		return same
	}
	return differs
}

// digits are those of a phone number, without the zeros that it begins with.
func digits(number string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number), "0")
}
