package sandbox

import (
	"maps"
	"slices"
)

// mergeRefused is a preview of a merge that is not allowed.
type mergeRefused struct {
	Allowed bool        `json:"allowed"`
	Reasons []errorItem `json:"reasons"`
}

// mergePreview is a preview of a merge: what would change on the contact that remains, and how much each side has.
type mergePreview struct {
	Allowed bool `json:"allowed"`
	Summary struct {
		Changes struct {
			Attributes []mergeChange `json:"attributes"`
			TotalCount int           `json:"total_count"`
		} `json:"attribute_changes"`
		Reassignments map[string]mergeSides `json:"reassignments"`
	} `json:"summary"`
}

type mergeSides struct {
	From int `json:"from"`
	Into int `json:"into"`
}

type mergeChange struct {
	Field        string `json:"field"`
	Outcome      string `json:"outcome"` // adopted, merged or discarded
	FromValue    any    `json:"from_value"`
	IntoValue    any    `json:"into_value,omitempty"`
	NewIntoValue any    `json:"new_into_value"`
}

// previewMerge is POST /contacts/merge/preview. It changes nothing.
func previewMerge(q *request) (any, *apiError) {
	m, err := q.parseMerge()
	if err != nil {
		return nil, err
	}
	if reason, err := m.refusal(q.version); err != nil {
		return mergeRefused{false, []errorItem{{reason, err.message}}}, nil
	}
	var out mergePreview
	out.Allowed = true
	changes := m.changes(q.space)
	out.Summary.Changes.Attributes = changes
	out.Summary.Changes.TotalCount = len(changes)
	out.Summary.Reassignments = map[string]mergeSides{
		"conversations": {},
		"tickets":       {},
		"tags":          {len(m.from.TagIDs), len(m.into.TagIDs)},
		"notes":         {len(q.space.notes.of[m.from.ID]), len(q.space.notes.of[m.into.ID])},
	}
	return out, nil
}

// changes lists the outcome of each value of the source contact.
func (m mergeRequest) changes(w *workspace) []mergeChange {
	changes := []mergeChange{}
	add := func(field string, from, into any) {
		switch {
		case from == nil || from == into:
		case into == nil:
			changes = append(changes, mergeChange{field, "adopted", from, nil, from})
		default:
			changes = append(changes, mergeChange{field, "discarded", from, into, into})
		}
	}
	for _, field := range slices.Sorted(maps.Keys(mergedTexts)) {
		at := mergedTexts[field]
		add(field, orNil(*at(&m.from.Contact)), orNil(*at(&m.into.Contact)))
	}
	for _, name := range slices.Sorted(maps.Keys(m.from.CustomAttributes)) {
		add("custom_attributes."+name, m.from.CustomAttributes[name], m.into.CustomAttributes[name])
	}
	from, into := w.companyNames(m.from.CompanyIDs), w.companyNames(m.into.CompanyIDs)
	all := slices.Clone(into)
	for _, name := range from {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) > len(into) {
		changes = append(changes, mergeChange{"companies", "merged", from, into, all})
	}
	return changes
}

// companyNames are the names of companies.
func (w *workspace) companyNames(ids []string) []string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, w.companies.byID[id].Name)
	}
	return names
}
