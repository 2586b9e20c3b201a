package tools

import "slices"

// Set is a group of tools that are offered together.
type Set struct {
	Name    string
	Default bool   // offered where nobody chooses sets; else it costs no tokens until it is asked for
	Doc     string // for people: what it is about
}

// Sets lists the sets, in the order of the catalogue.
func Sets() []Set {
	var sets []Set
	for _, tool := range Catalogue() {
		if !slices.Contains(sets, tool.Set) {
			sets = append(sets, tool.Set)
		}
	}
	return sets
}

// Catalogue returns every tool, in the order in which tools are listed.
func Catalogue() []Tool {
	return slices.Concat(
		contactSearchTools(), contactReadTools(), attributeTools(), teammateTools(), contactWriteTools(),
		contactLifecycleTools(), contactMergeTools(),
		bulkTools(), tagTools(), noteTools(), companyReadTools(), companyWriteTools(), segmentTools(), changeReadTools(),
		changeTools(),
	)
}
