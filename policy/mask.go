package policy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hidden stands for what masking takes away.
const Hidden = "***"

// Masks reports whether agents see the field only through [Policy.Mask]. The tools' "owner" is Intercom's owner_id.
func (p *Policy) Masks(field string) bool {
	if field == "owner" {
		field = "owner_id"
	}
	return slices.Contains(p.Masked, field)
}

// Mask returns what agents may see of a field's value: the value itself, or, where the field is masked, j***@acme.com
// of an e-mail and the first character of anything else. The length does not show. Masking twice changes nothing.
func (p *Policy) Mask(field, value string) string {
	if value == "" || !p.Masks(field) {
		return value
	}
	local, domain, ok := strings.Cut(value, "@")
	email := ok && local != "" && domain != "" && !strings.Contains(domain, "@")
	if email && !strings.ContainsFunc(value, unicode.IsSpace) {
		return initial(local) + "@" + domain
	}
	return initial(value)
}

// initial keeps the first character of a text that has more.
func initial(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == len(text) || first == '*' || first == utf8.RuneError {
		return Hidden
	}
	return string(first) + Hidden
}
