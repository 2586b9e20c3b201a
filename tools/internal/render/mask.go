package render

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// Visible returns what agents may see of a field of a contact: value itself, or what the policy's masking leaves of it.
// Of what is no text, or may be one of a few options, nothing is left.
func (v *View) Visible(field string, value any) any {
	if value == nil || !v.Policy.Masks(field) {
		return value
	}
	name, attribute := strings.CutPrefix(field, directory.CustomPrefix)
	if str, ok := value.(string); ok && (!attribute || v.FreeText != nil && v.FreeText(name)) {
		return v.Policy.Mask(field, text.Clean(str))
	}
	return policy.Hidden
}

// VisibleIn is visible for a field of an item's target, which may be no
// contact.
func (v *View) VisibleIn(item *change.Item, field string, value any) any {
	if item.Patch.Traits().Target != change.TargetContact {
		return value
	}
	return v.Visible(field, value)
}

// Label is how a person knows a contact.
func (v *View) Label(c *intercom.Contact) string {
	label, _ := v.Known(c)
	return label
}

// Known is how a person knows a contact, and the field that shows it; "" where
// that is its id.
func (v *View) Known(c *intercom.Contact) (label, field string) {
	for _, known := range []struct{ field, text string }{{"email", c.Email}, {"name", c.Name}} {
		if shown := text.Clip(v.Policy.Mask(known.field, text.Clean(known.text)), 60); shown != "" {
			return text.QuoteField(known.field, shown), known.field
		}
	}
	return c.ID, ""
}

// Item is a contact that is to receive a patch.
func (v *View) Item(c *intercom.Contact, patch change.Patch) change.Item {
	label, field := v.Known(c)
	return change.Item{TargetID: c.ID, Label: label, LabelField: field, Patch: patch}
}

// Who is how a person knows the target of an item. It was recorded under a policy that may have masked less than the one
// in force. What is on record of it no more goes by its id; what may be taken for another one has its id beside it.
func (v *View) Who(item *change.Item) string {
	label := item.Label
	if item.Patch.Traits().Target == change.TargetContact {
		label = v.knownAs(item.Label, item.LabelField, item.TargetID)
	}
	if item.TargetID != "" && text.Deceptive(label) {
		return label + " " + item.TargetID
	}
	return cmp.Or(label, item.TargetID)
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
	return text.QuoteField(field, v.Policy.Mask(field, text.Unquote(label)))
}

// maskGrew reports whether the policy in force masks fields that it did not
// when a change was planned, so that what was worded then may tell too much.
func (v *View) maskGrew(c *change.Change) bool {
	return slices.ContainsFunc(v.Policy.Masked, func(field string) bool { return !slices.Contains(c.Masked, field) })
}

// RedactIfMaskGrew returns what was worded when a change was planned.
func (v *View) RedactIfMaskGrew(c *change.Change, texts []string) []string {
	if len(texts) > 0 && v.maskGrew(c) {
		return []string{"Not shown: the policy masks more than when this was planned."}
	}
	return texts
}

// Reason is why a change is stale, failed or unknown as a whole. Of a stale one it
// names the targets, as they were known then.
func (v *View) Reason(c *change.Change) string {
	if c.Status == change.StatusStale && c.Reason != "" {
		return v.Redact(v.RedactIfMaskGrew(c, []string{c.Reason})[0])
	}
	return v.Redact(c.Reason)
}

// What of the free text in Intercom's messages tells who somebody is.
var (
	addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+`) })
	phones    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\+\d[\d ().-]{4,}\d`) })
)

// Redact masks e-mails and phone numbers in a message of Intercom's, where
// the policy masks them.
func (v *View) Redact(text string) string {
	text = addresses().ReplaceAllStringFunc(text, func(found string) string { return v.Policy.Mask("email", found) })
	return phones().ReplaceAllStringFunc(text, func(found string) string { return v.Policy.Mask("phone", found) })
}

// WithMaskedKept adds to what Intercom's preview of a merge lists the masked fields that it leaves out because both
// contacts hold the same there: that they do would tell whoever chose one of the values the other. The masked fields come
// last, in the same order whatever they hold.
func (v *View) WithMaskedKept(listed []intercom.MergeAttribute, from, into *intercom.Contact) []intercom.MergeAttribute {
	var masked []intercom.MergeAttribute
	for _, field := range v.Policy.Masked {
		at := slices.IndexFunc(listed, func(a intercom.MergeAttribute) bool { return a.Field == field })
		lost, kept := record.ContactValue(from, field), record.ContactValue(into, field)
		switch {
		case at >= 0:
			masked = append(masked, listed[at])
			listed = slices.Delete(slices.Clone(listed), at, at+1)
		case (IsAttribute(field) || slices.Contains(mergedFields, field)) && !record.Empty(lost) && !record.Empty(kept):
			masked = append(masked, intercom.MergeAttribute{Field: field, Outcome: "discarded", FromValue: lost, IntoValue: kept, NewIntoValue: kept})
		}
	}
	return append(listed, masked...)
}

// mergedFields are the fields, besides attributes, that Intercom's preview of a merge lists.
var mergedFields = []string{"name", "email", "phone", "external_id", "avatar", "owner_id", "language_override"}

// Side names one contact of a merge by its role, its label and its id.
func Side(role, label, id string) string {
	if label == id {
		return role + " " + id
	}
	return role + " " + label + " (" + id + ")"
}
