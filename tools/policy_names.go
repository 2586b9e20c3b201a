package tools

import (
	"cmp"
	"slices"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
)

// anyAttribute stands for every custom attribute of a contact. A vocabulary knows it without being told.
const anyAttribute = "custom_attributes.<name>"

// targetFields are the names by which a policy knows what can be set of a record.
var targetFields = map[change.Target][]string{
	change.TargetContact: {
		"name", "email", "phone", "external_id", "owner_id", "avatar", "language_override", "unsubscribed_from_emails",
		"role", "signed_up_at", "last_seen_at", change.FieldTags, change.FieldCompanies, anyAttribute,
	},
	change.TargetCompany: {
		"company.name", "company.plan", "company.website", "company.industry", "company.size", "company.monthly_spend",
		"company.custom_attributes.<name>",
	},
	change.TargetTag: {"tag.name"},
}

// OperationFields lists the names by which a policy knows what an operation may write: the field list of conditions.
func OperationFields(op change.Traits) []string {
	if only := cmp.Or(op.Record, op.Field); only != "" {
		return []string{only}
	}
	return slices.Clone(targetFields[op.Target])
}

// PolicyVocabulary returns the names that a policy file may use: the tools of the catalogue, what a write may touch,
// the contact fields that can be written, and those that can be masked: all but what says which contact it is and of
// what kind.
func PolicyVocabulary() policy.Vocabulary {
	known := policy.Vocabulary{Tools: make(map[string]policy.Effect)}
	for _, op := range change.Operations() {
		for _, field := range OperationFields(op) {
			if field == anyAttribute {
				continue
			}
			if !slices.Contains(known.Fields, field) {
				known.Fields = append(known.Fields, field)
			}
			if op.Target == change.TargetContact && !slices.Contains(known.Protected, field) {
				known.Protected = append(known.Protected, field)
			}
		}
	}
	for _, set := range Sets() {
		known.Toolsets = append(known.Toolsets, set.Name)
	}
	for _, tool := range Catalogue() {
		known.Tools[tool.Name] = tool.Effect
		if tool.Controls() {
			known.Controls = append(known.Controls, tool.Name)
		}
	}
	for i := range record.ContactFields {
		switch f := &record.ContactFields[i]; {
		case f.Name == "owner":
			known.Masked = append(known.Masked, f.Search)
		case f.Get != nil && f.Name != "id" && f.Name != "role":
			known.Masked = append(known.Masked, f.Name)
		}
	}
	return known
}
