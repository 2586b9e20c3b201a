package policy

// LocalPrincipal is the principal of whoever needs no authentication: a person, or a client, on this machine.
const LocalPrincipal = "local"

// Person is who is behind a principal, as far as it is known. The zero Person is nobody in particular.
type Person struct {
	// ID is by what people are compared: the issuer, # and a claim that is the same in each of its clients; "" for who has
	// none. Conditions do not see it.
	ID    string `json:",omitempty"`
	Name  string `json:",omitempty"`
	Email string `json:",omitempty"`
	// Unverified tells that nobody vouches for the e-mail, so that conditions do not see it.
	Unverified bool `json:",omitempty"`
}

// VouchedEmail is the e-mail where somebody vouches that it is theirs; else "".
func (p Person) VouchedEmail() string {
	if p.Unverified {
		return ""
	}
	return p.Email
}

// ShownEmail is the e-mail for people, marked where nobody vouches for it; "" where there is none.
func (p Person) ShownEmail() string {
	if p.Email != "" && p.Unverified {
		return p.Email + " (not verified)"
	}
	return p.Email
}
