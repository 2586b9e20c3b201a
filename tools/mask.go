package tools

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// visible returns what agents may see of a field of a contact: value itself,
// or what the policy's masking leaves of it. Of what is no text nothing is
// left.
func (v *View) visible(field string, value any) any {
	if value == nil || !v.Policy.Masks(field) {
		return value
	}
	if str, ok := value.(string); ok {
		return v.Policy.Mask(field, text.Clean(str))
	}
	return policy.Hidden
}

// visibleIn is visible for a field of an item's target, which may be no
// contact.
func (v *View) visibleIn(item *change.Item, field string, value any) any {
	if item.Patch.Traits().Target != change.TargetContact {
		return value
	}
	return v.visible(field, value)
}

// label is how a person knows a contact.
func (v *View) label(c *intercom.Contact) string {
	label, _ := v.known(c)
	return label
}

// known is how a person knows a contact, and the field that shows it; "" where
// that is its id.
func (v *View) known(c *intercom.Contact) (label, field string) {
	for _, known := range []struct{ field, text string }{{"email", c.Email}, {"name", c.Name}} {
		if shown := text.Clip(v.Policy.Mask(known.field, text.Clean(known.text)), 60); shown != "" {
			return text.QuoteField(known.field, shown), known.field
		}
	}
	return c.ID, ""
}

// item is a contact that is to receive a patch.
func (v *View) item(c *intercom.Contact, patch change.Patch) change.Item {
	label, field := v.known(c)
	return change.Item{TargetID: c.ID, Label: label, LabelField: field, Patch: patch}
}

// who is how a person knows the target of an item. It was recorded under a policy
// that may have masked less than the one in force. What is on record of it no more
// goes by its id.
func (v *View) who(item *change.Item) string {
	if item.Patch.Traits().Target != change.TargetContact {
		return cmp.Or(item.Label, item.TargetID)
	}
	return cmp.Or(v.knownAs(item.Label, item.LabelField, item.TargetID), item.TargetID)
}

// knownAs is a label that shows a field of a contact, as the policy in force lets
// it be shown. A version that kept no field may have shown any.
func (v *View) knownAs(label, field, id string) string {
	switch {
	case field == "" && id != "" && (v.Policy.Masks("email") || v.Policy.Masks("name")):
		return id
	case field == "", label == "", !v.Policy.Masks(field):
		return label
	}
	return text.QuoteField(field, v.Policy.Mask(field, strings.Trim(label, `"`)))
}

// masksMore reports whether the policy in force masks fields that it did not
// when a change was planned, so that what was worded then may tell too much.
func (v *View) masksMore(c *change.Change) bool {
	return slices.ContainsFunc(v.Policy.Masked, func(field string) bool { return !slices.Contains(c.Masked, field) })
}

// worded returns what was worded when a change was planned.
func (v *View) worded(c *change.Change, texts []string) []string {
	if len(texts) > 0 && v.masksMore(c) {
		return []string{"Not shown: the policy masks more than when this was planned."}
	}
	return texts
}

// reason is why a change is stale, failed or unknown as a whole. Of a stale one it
// names the targets, as they were known then.
func (v *View) reason(c *change.Change) string {
	if c.Status == change.StatusStale && c.Reason != "" {
		return v.redact(v.worded(c, []string{c.Reason})[0])
	}
	return v.redact(c.Reason)
}

// What of the free text in Intercom's messages tells who somebody is.
var (
	addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+`) })
	phones    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\+\d[\d ().-]{4,}\d`) })
)

// redact masks e-mails and phone numbers in a message of Intercom's, where
// the policy masks them.
func (v *View) redact(text string) string {
	text = addresses().ReplaceAllStringFunc(text, func(found string) string { return v.Policy.Mask("email", found) })
	return phones().ReplaceAllStringFunc(text, func(found string) string { return v.Policy.Mask("phone", found) })
}
