package search

import (
	"fmt"
	"slices"

	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// guessableFields are the fields by whose value a contact is found that is known already:
// there are too many of them to guess one.
var guessableFields = []string{"email", "phone", "external_id", "name"}

// checkSearch refuses a comparison by which the value of a masked field could be guessed: bit by bit, or as one of few.
func (s *Searcher) checkSearch(f *record.Field, op Operator) error {
	field := f.Name
	switch {
	case !s.Masks(f.PolicyName()), slices.Contains(guessableFields, field) && (op == "=" || op == "IN"):
		return nil
	case slices.Contains(guessableFields, field):
		return maskedDenied(fmt.Sprintf("%s is masked by the policy, so it is compared by = and IN only.", field))
	}
	return maskedDenied(fmt.Sprintf("%s is masked by the policy, so nobody is found by it.", field))
}

// checkQuery refuses to look for a part of what is masked.
func (s *Searcher) checkQuery(text string) error {
	if text == "" || !s.Masks("name") && !s.Masks("email") {
		return nil
	}
	return maskedDenied("query: it looks for parts of names and e-mails, which the policy masks.")
}

// checkSort refuses an order that would tell what is masked.
func (s *Searcher) checkSort(field string) error {
	if !s.Masks(field) {
		return nil
	}
	return maskedDenied("sort: " + field + " is masked by the policy.")
}

// CheckCount refuses to count contacts by the values of what is masked.
func (s *Searcher) CheckCount(f *record.Field) error {
	if !s.Masks(f.PolicyName()) {
		return nil
	}
	return maskedDenied(f.Name + " is masked by the policy, so nobody is counted by it.")
}

func maskedDenied(message string) *toolerr.Error {
	return toolerr.New(toolerr.PolicyDenied, message, "Tell the user if that is needed.").OrByHand(
		"Choose a field that the policy does not mask.").With("rule", "masked")
}
