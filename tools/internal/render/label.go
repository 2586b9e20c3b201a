package render

import (
	"cmp"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// Label is how a person knows a contact.
func (m *Mask) Label(c *intercom.Contact) string {
	label, _ := m.Known(c)
	return label
}

// Known is how a person knows a contact, and the field that shows it; "" where that is its id.
func (m *Mask) Known(c *intercom.Contact) (label, field string) {
	for _, known := range []struct{ field, text string }{{"email", c.Email}, {"name", c.Name}} {
		shown := text.Marked(known.text)
		if m.Policy.Masks(known.field) {
			shown = m.Policy.Mask(known.field, text.Clean(known.text))
		}
		if shown != "" {
			return text.QuoteField(known.field, text.Clip(shown, 60)), known.field
		}
	}
	return c.ID, ""
}

// Item is a contact that is to receive a patch.
func (m *Mask) Item(c *intercom.Contact, patch change.Patch) change.Item {
	label, field := m.Known(c)
	return change.Item{TargetID: c.ID, Label: label, LabelField: field, Patch: patch}
}

// Who is how a person knows the target of an item. It was recorded under a policy that may have masked less than the
// one in force. What is on record of it no more goes by its id; what may be taken for another one, as a name with
// characters that cannot be seen, has its id beside it.
func (m *Mask) Who(item *change.Item) string {
	label := item.Label
	if item.Patch.Traits().Target == change.TargetContact {
		label = m.knownAs(item.Label, item.LabelField, item.TargetID)
	}
	if item.TargetID != "" && (text.Deceptive(label) || text.HasMarks(label)) {
		return label + " " + item.TargetID
	}
	return cmp.Or(label, item.TargetID)
}

// knownAs is a label that shows a field of a contact, as the policy in force lets
// it be shown. A version that kept no field may have shown any.
func (m *Mask) knownAs(label, field, id string) string {
	switch {
	case field == "" && id != "" && (m.Policy.Masks("email") || m.Policy.Masks("name")):
		return id
	case field == "", label == "", !m.Policy.Masks(field):
		return label
	}
	return text.QuoteField(field, m.Policy.Mask(field, text.Unquote(label)))
}

// Side names one contact of a merge by its role, its label and its id.
func Side(role, label, id string) string {
	if label == id {
		return role + " " + id
	}
	return role + " " + label + " (" + id + ")"
}

// addressed names an item by what finds it again: its id where less than its whole address may be shown.
func (m *Mask) addressed(item *change.Item) string {
	if who := m.Who(item); item.LabelField == "email" && !strings.Contains(who, policy.Hidden) {
		return who
	}
	return cmp.Or(item.TargetID, m.Who(item))
}

// target names an item by what a person knows, and by its id.
func (m *Mask) target(item *change.Item) string {
	who := m.Who(item)
	if item.Patch.Into != nil {
		role := "lead"
		if item.Patch.Users {
			role = "user"
		}
		return Side(role, who, item.TargetID)
	}
	if item.TargetID != "" && !strings.Contains(who, item.TargetID) {
		who += " " + item.TargetID
	}
	return who
}
