package render

import (
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

// Mask shows contacts, and what is known of them, as a policy lets them be shown. It is for one call, and asks Intercom
// for nothing.
type Mask struct {
	Policy *policy.Policy
	// FreeText reports whether a custom attribute of contacts is known to hold any text, and not one of a few options, so
	// that masking may leave its first character; nil: none is.
	FreeText func(attribute string) bool
}

// Visible returns what agents may see of a field of a contact: value itself, or what the policy's masking leaves of it.
// Of what is no text, or may be one of a few options, nothing is left.
func (m *Mask) Visible(field string, value any) any {
	if value == nil || !m.Policy.Masks(field) {
		return value
	}
	name, attribute := strings.CutPrefix(field, directory.CustomPrefix)
	if str, ok := value.(string); ok && (!attribute || m.FreeText != nil && m.FreeText(name)) {
		return m.Policy.Mask(field, text.Clean(str))
	}
	return policy.Hidden
}

// VisibleIn is visible for a field of an item's target, which may be no contact.
func (m *Mask) VisibleIn(item *change.Item, field string, value any) any {
	if item.Patch.Traits().Target != change.TargetContact {
		return value
	}
	return m.Visible(field, value)
}

// grew reports whether the policy in force masks fields that it did not
// when a change was planned, so that what was worded then may tell too much.
func (m *Mask) grew(c *change.Change) bool {
	return slices.ContainsFunc(m.Policy.Masked, func(field string) bool { return !slices.Contains(c.Masked, field) })
}

// RedactIfGrew returns what was worded when a change was planned.
func (m *Mask) RedactIfGrew(c *change.Change, texts []string) []string {
	if len(texts) > 0 && m.grew(c) {
		return []string{"Not shown: the policy masks more than when this was planned."}
	}
	return texts
}

// Reason is why a change is stale, failed or unknown as a whole. Of a stale one it
// names the targets, as they were known then.
func (m *Mask) Reason(c *change.Change) string {
	if c.Status == change.StatusStale && c.Reason != "" {
		return m.Redact(m.RedactIfGrew(c, []string{c.Reason})[0])
	}
	return m.Redact(c.Reason)
}

// What of the free text in Intercom's messages tells who somebody is.
var (
	addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\s"'<>(),;:]+@[^\s"'<>(),;:]+`) })
	phones    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\+\d[\d ().-]{4,}\d`) })
)

// Redact masks e-mails and phone numbers in a message of Intercom's, where the policy masks them.
func (m *Mask) Redact(text string) string {
	text = addresses().ReplaceAllStringFunc(text, func(found string) string { return m.Policy.Mask("email", found) })
	return phones().ReplaceAllStringFunc(text, func(found string) string { return m.Policy.Mask("phone", found) })
}

// WithMaskedKept adds to what Intercom's preview of a merge lists the masked fields that it leaves out because both
// contacts hold the same there: that they do would tell whoever chose one of the values the other. The masked fields
// come last, in the same order whatever they hold.
func (m *Mask) WithMaskedKept(listed []intercom.MergeAttribute, from,
	into *intercom.Contact) []intercom.MergeAttribute {
	var masked []intercom.MergeAttribute
	for _, field := range m.Policy.Masked {
		at := slices.IndexFunc(listed, func(a intercom.MergeAttribute) bool { return a.Field == field })
		lost, kept := record.ContactValue(from, field), record.ContactValue(into, field)
		switch {
		case at >= 0:
			masked = append(masked, listed[at])
			listed = slices.Delete(slices.Clone(listed), at, at+1)
		case (IsAttribute(field) || slices.Contains(mergedFields, field)) && !record.Empty(lost) && !record.Empty(kept):
			masked = append(masked, intercom.MergeAttribute{Field: field, Outcome: "discarded", FromValue: lost, IntoValue: kept,
				NewIntoValue: kept})
		}
	}
	return append(listed, masked...)
}

// mergedFields are the fields, besides attributes, that Intercom's preview of a merge lists.
var mergedFields = []string{"name", "email", "phone", "external_id", "avatar", "owner_id", "language_override"}

// hidesValue reports whether what an item of a change writes to a field may not be shown, nor counted or compared: an
// undo writes what was taken from Intercom, and what a policy masks since the plan is not shown whoever gave it.
func (m *Mask) hidesValue(c *change.Change, item *change.Item, field string) bool {
	return item.Patch.Traits().Target == change.TargetContact && m.Policy.Masks(field) &&
		(c.Undoes != "" || !slices.Contains(c.Masked, field))
}

// Outcome names an item's outcome; one without an outcome is pending. Where no person confirmed the change, an item
// that touches a masked field is written: whether it changed would tell what it held.
func (m *Mask) Outcome(c *change.Change, item *change.Item) string {
	switch item.Outcome {
	case change.Pending:
		return "pending"
	case change.Changed, change.Unchanged:
		if !m.tellsChanged(c, item) {
			return "written"
		}
		if item.Outcome == change.Changed && len(item.LeftAlone) > 0 {
			return string(change.Partly)
		}
	}
	return string(item.Outcome)
}

// tellsChanged reports whether it may be told if an item changed anything. Which fields a purged one touched is not
// known.
func (m *Mask) tellsChanged(c *change.Change, item *change.Item) bool {
	masked := (c.Purged || item.Erased) && len(m.Policy.Masked) > 0 || slices.ContainsFunc(item.Patch.Fields(),
		m.Policy.Masks)
	return c.ApprovalLevel() >= policy.LevelUser || item.Patch.Traits().Target != change.TargetContact || !masked
}

// priceOfSecrecy tells what a change does to masked fields since it may not tell of them; "" where it may. It says the
// same whatever they held.
func (m *Mask) priceOfSecrecy(c *change.Change) string {
	untold := func(item change.Item) bool {
		return (item.Outcome.Wrote() || item.Outcome == change.Unchanged) && !item.Patch.Traits().LateID &&
			!m.tellsChanged(c, &item)
	}
	switch {
	case !slices.ContainsFunc(c.Items, untold):
		return ""
	case c.Undoes != "":
		return "masked fields are put back only where they still hold what was written, and it is not told which"
	}
	return "masked fields are written over, whatever was written there since the plan, and it is not told which"
}
