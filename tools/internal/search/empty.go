package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// teachEmpty refuses what is mostly meant to ask whether there is a value: "" and "null" as values, and a value beside
// the operators that ask.
func teachEmpty(f *record.Field, filter *Filter) error {
	if filter.Operator == empty || filter.Operator == present {
		if filter.Value != "" || len(filter.Values) > 0 {
			return toolerr.New(toolerr.InvalidArgument, string(filter.Operator)+" takes no value.",
				"Leave value and values out.")
		}
		return nil
	}
	if filter.Value != "null" && !slices.Contains(filter.Values, "null") && !slices.Contains(filter.Values, "") {
		return nil
	}
	return toolerr.New(toolerr.InvalidArgument, `"" and "null" are no values to compare with.`, useEmpty(f))
}

// orEmpty teaches how to ask whether there is a value where a word for none names nothing.
func orEmpty(err error, f *record.Field, value string) error {
	words := []string{"none", "nobody", "no one", "unassigned", "nothing", "any", "anyone"}
	told, ok := err.(*toolerr.Error)
	if !ok || !slices.Contains(words, strings.ToLower(strings.TrimSpace(value))) {
		return err
	}
	taught := *told
	taught.Next = useEmpty(f)
	return &taught
}

// useEmpty says how to ask whether there is a value.
func useEmpty(f *record.Field) string {
	return fmt.Sprintf("Who has no %s is found by operator empty, who has one by present, both without value.", f.Name)
}

// LeavesOutEmpty reports whether a filter on a field is a comparison that nobody without a value meets, though they may
// be meant: later, earlier, greater or less. When a contact was made and changed, every one has.
func (filter *Filter) LeavesOutEmpty(f *record.Field) bool {
	if f.Name == "created_at" || f.Name == "updated_at" {
		return false
	}
	switch f.Kind {
	case record.KindTime, record.KindInteger, record.KindFloat:
		return slices.Contains([]Operator{">", "<", ">=", "<="}, filter.Operator)
	}
	return false
}

// Empty is the filter for those who have no value of the same field.
func (filter *Filter) Empty() Filter { return Filter{Field: filter.Field, Operator: empty} }

// everyID lists the ids of what a contact can have several of, where Intercom is asked for each. A contact that has
// none of them has none at all.
func (s *Searcher) everyID(ctx context.Context, kind record.Kind) ([]any, error) {
	var ids []any
	switch kind {
	case record.KindTag:
		tags, err := s.Dir.Lists.Tags.Younger(ctx, directory.CacheFresh)
		if err != nil {
			return nil, err
		}
		for _, tag := range tags {
			ids = append(ids, tag.ID)
		}
	case record.KindSegment:
		segments, err := s.Dir.Lists.Segments.Younger(ctx, directory.CacheFresh)
		if err != nil {
			return nil, err
		}
		for _, segment := range segments {
			ids = append(ids, segment.ID)
		}
		if len(ids) == 0 || len(ids) > mostLeaves {
			return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("There are %d segments, and contacts that are in "+
				"none are found among 1 to %d only.", len(ids), mostLeaves), "Name some with IN or NIN.")
		}
	}
	return ids, nil
}

// emptiness is what Intercom is asked about a field's having a value.
func (c *condition) emptiness() clause {
	name := c.field.SearchName()
	filter := func(op intercom.Operator, value any) intercom.Query {
		return intercom.Filter{Field: name, Operator: op, Value: value}
	}
	switch c.field.Kind {
	case record.KindCompany:
		return clause{unasked: true}
	case record.KindTag, record.KindSegment:
		if len(c.values) == 0 || len(c.values) > mostLeaves {
			return clause{unasked: true}
		}
		if c.operator == present {
			return oneOf(name, c.values)
		}
		return noneOf(name, c.values)
	case record.KindTime:
		if c.operator == present { // what is compared by days takes no "!="
			return clause{group: intercom.Or, of: []intercom.Query{filter(">", 0), filter("=", 0), filter("<", 0)}}
		}
	case record.KindString:
		if c.field.Attribute != nil && c.operator == present {
			return clause{group: intercom.And, of: []intercom.Query{filter("!=", nil), filter("!=", "")}}
		}
		if c.field.Attribute != nil {
			return clause{group: intercom.Or, of: []intercom.Query{filter("=", nil), filter("=", "")}}
		}
	}
	if c.operator == present {
		return clause{of: []intercom.Query{filter("!=", nil)}}
	}
	return clause{of: []intercom.Query{filter("=", nil)}}
}

// holdsEmptiness checks whether a contact has a value of the field, which must be as the operator says.
func (s *Searcher) holdsEmptiness(ctx context.Context, c *condition, contact *intercom.Contact) (bool, error) {
	none := false
	switch c.field.Kind {
	case record.KindSegment:
		return true, nil // Intercom has seen to it: see build
	case record.KindTag:
		ids, err := directory.TagIDs(ctx, s.Dir.Client, contact)
		if err != nil {
			return false, err
		}
		none = len(ids) == 0
	case record.KindCompany:
		ids, err := directory.CompanyIDs(ctx, s.Dir.Client, contact)
		if err != nil {
			return false, err
		}
		none = len(ids) == 0
	default:
		none = record.Empty(c.field.Get(contact))
	}
	return none == (c.operator == empty), nil
}
