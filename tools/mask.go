package tools

import (
	"fmt"
	"regexp"
	"sync"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// visible returns what agents may see of a field of a contact: value itself,
// or what the policy's masking leaves of it. Of what is no text nothing is
// left.
func (s *session) visible(field string, value any) any {
	if value == nil || !s.policy.Masks(field) {
		return value
	}
	if text, ok := value.(string); ok {
		return s.policy.Mask(field, clean(text))
	}
	return policy.Hidden
}

// visibleIn is visible for a field of an item's target, which may be no
// contact.
func (s *session) visibleIn(item *change.Item, field string, value any) any {
	if !item.Patch.Op.OfContact() {
		return value
	}
	return s.visible(field, value)
}

// label is how a person knows a contact.
func (s *session) label(c *intercom.Contact) string {
	for _, known := range []struct{ field, text string }{{"email", c.Email}, {"name", c.Name}} {
		if shown := clip(s.policy.Mask(known.field, clean(known.text)), 60); shown != "" {
			return setApart(shown)
		}
	}
	return c.ID
}

// checkSearch refuses a comparison by which the value of a masked field could
// be guessed bit by bit. Equality only tells who has a value already known.
func (s *session) checkSearch(field string, op Operator) error {
	if !s.policy.Masks(field) || op == "=" || op == "IN" {
		return nil
	}
	return maskedDenied(fmt.Sprintf("%s is masked by the policy, so it is compared by = and IN only.", field))
}

// checkQuery refuses to look for a part of what is masked.
func (s *session) checkQuery(text string) error {
	if text == "" || !s.policy.Masks("name") && !s.policy.Masks("email") {
		return nil
	}
	return maskedDenied("query: it looks for parts of names and e-mails, which the policy masks.")
}

// checkSort refuses an order that would tell what is masked.
func (s *session) checkSort(field string) error {
	if !s.policy.Masks(field) {
		return nil
	}
	return maskedDenied("sort: " + field + " is masked by the policy.")
}

func maskedDenied(message string) *Error {
	return fail(PolicyDenied, message, "Tell the user if that is needed.").with("rule", "masked")
}

// What of the free text in Intercom's messages tells who somebody is.
var (
	addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+`) })
	phones    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\+\d[\d ().-]{4,}\d`) })
)

// redact masks e-mails and phone numbers in a message of Intercom's, where
// the policy masks them.
func (s *session) redact(text string) string {
	text = addresses().ReplaceAllStringFunc(text, func(found string) string { return s.policy.Mask("email", found) })
	return phones().ReplaceAllStringFunc(text, func(found string) string { return s.policy.Mask("phone", found) })
}
