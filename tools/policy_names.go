package tools

import (
	"slices"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
)

// patchFields are the names by which a policy knows what a write touches, besides
// custom_attributes.<name>, and what is done to a contact as a whole, which goes by
// the operation's name.
var patchFields = []string{
	"name", "email", "phone", "external_id", "owner_id", "avatar", "language_override", "unsubscribed_from_emails",
	"role", "signed_up_at", "last_seen_at", "tags", "companies", "notes",
}

// otherFields are the names by which a policy knows what save_company and create_tag set.
var otherFields = []string{
	"company.name", "company.plan", "company.website", "company.industry", "company.size", "company.monthly_spend",
	"company.custom_attributes.<name>", "tag.name",
}

// PolicyVocabulary returns the names that a policy file may use: the tools of the catalogue, what a write may touch,
// the contact fields that can be written, and those that can be masked: all but what says which contact it is and of
// what kind.
func PolicyVocabulary() policy.Vocabulary {
	known := policy.Vocabulary{Tools: make(map[string]policy.Effect), Protected: slices.Clone(patchFields)}
	for _, op := range change.Operations() {
		if op.Target == change.TargetContact && op.Record != "" && !slices.Contains(known.Protected, op.Record) {
			known.Protected = append(known.Protected, op.Record)
		}
	}
	known.Fields = append(slices.Clone(known.Protected), otherFields...)
	for _, op := range change.Operations() {
		if op.Record != "" && !slices.Contains(known.Fields, op.Record) {
			known.Fields = append(known.Fields, op.Record)
		}
	}
	for _, tool := range Catalogue() {
		known.Tools[tool.Name] = tool.Effect
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
