package tools

import (
	"slices"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// patchFields are the names by which a policy knows what a write touches, besides
// custom_attributes.<name>, and what is done to a contact as a whole, which goes by
// the operation's name.
var patchFields = []string{
	"name", "email", "phone", "external_id", "owner_id", "avatar", "language_override", "unsubscribed_from_emails",
	"role", "signed_up_at", "last_seen_at", "tags", "companies", "notes",
}

// companyFields are the names by which a policy knows what save_company sets.
var companyFields = []string{
	"company.name", "company.plan", "company.website", "company.industry", "company.size", "company.monthly_spend",
	"company.custom_attributes.<name>",
}

// PolicyVocabulary returns the names that a policy file may use: the tools of the catalogue, what a write may touch,
// the contact fields that can be written, and those that can be masked: all but what says which contact it is and of
// what kind.
func PolicyVocabulary() policy.Vocabulary {
	known := policy.Vocabulary{Tools: make(map[string]policy.Effect), Protected: slices.Clone(patchFields)}
	for _, op := range change.Operations() {
		if op.OfContact() {
			known.Protected = append(known.Protected, string(op))
		}
	}
	known.Fields = append(slices.Clone(known.Protected), companyFields...)
	for _, op := range change.Operations() {
		if !op.OfContact() {
			known.Fields = append(known.Fields, string(op))
		}
	}
	for _, tool := range Catalogue() {
		known.Tools[tool.Name] = tool.Effect
	}
	for i := range contactFields {
		switch f := &contactFields[i]; {
		case f.name == "owner":
			known.Masked = append(known.Masked, f.search)
		case f.get != nil && f.name != "id" && f.name != "role":
			known.Masked = append(known.Masked, f.name)
		}
	}
	return known
}
