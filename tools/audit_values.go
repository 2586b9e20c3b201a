package tools

import (
	"encoding/json"
	"fmt"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
)

// auditItem is what the audit trail tells of an item, where the policy wants values.
type auditItem struct {
	Contact         string                `json:"contact,omitempty"` // or company, or tag
	Who             string                `json:"who,omitempty"`
	Do              change.Operation      `json:"do,omitempty"`
	Into            string                `json:"into,omitempty"`
	Set             map[string]auditValue `json:"set,omitempty"`
	AddTags         []string              `json:"add_tags,omitempty"`
	RemoveTags      []string              `json:"remove_tags,omitempty"`
	AddCompanies    []string              `json:"add_companies,omitempty"`
	RemoveCompanies []string              `json:"remove_companies,omitempty"`
	Note            string                `json:"note,omitempty"`
}

// auditValue is what happens to one field.
type auditValue struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// auditValues writes what the pending items are to do, as a JSON list: whole values, those
// of masked fields as they are masked.
func auditValues(mask *render.Mask, items []change.Item) (string, error) {
	var list []auditItem
	for _, item := range render.Pending(items) {
		p := &item.Patch
		t := auditItem{
			Contact: item.TargetID, Who: mask.Who(item), Do: p.Op, AddTags: names(p.AddTags),
			RemoveTags:   names(p.RemoveTags),
			AddCompanies: names(p.AddCompanies), RemoveCompanies: names(p.RemoveCompanies),
		}
		if p.Into != nil {
			t.Into = p.Into.ID
		}
		if p.Note != nil {
			t.Note = p.Note.Body
		}
		for field, to := range p.Set {
			if t.Set == nil {
				t.Set = make(map[string]auditValue, len(p.Set))
			}
			t.Set[field] = auditValue{mask.VisibleIn(item, field, record.Plain(item.Before.Value(field))),
				mask.VisibleIn(item, field, to)}
		}
		list = append(list, t)
	}
	if list == nil {
		return "", nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("encoding what the audit trail tells: %w", err)
	}
	return string(text), nil
}
