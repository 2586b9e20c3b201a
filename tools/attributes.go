package tools

import (
	"context"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
)

// attributeTools are the tools for the attributes.
func attributeTools() []Tool {
	return []Tool{
		{
			Name: "list_attributes", Title: "List attributes", Set: contactSet, Effect: policy.Read, Run: reads(listAttributes),
			Doc: "List the custom attributes of contacts or companies.",
		},
	}
}

// Model is whose attributes are meant.
type Model string

// Enum lists the models.
func (Model) Enum() []string { return []string{"contact", "company"} }

// ListAttributesInput selects attributes.
type ListAttributesInput struct {
	// default contact
	Of Model `json:"of,omitempty"`
	// the standard fields too
	Standard bool `json:"standard,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=150"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// listAttributes lists the attributes that contacts or companies can have.
func listAttributes(ctx context.Context, s *session, in ListAttributesInput) (*render.Table, error) {
	list := s.lists.ContactAttributes
	if in.Of == "company" {
		list = s.lists.CompanyAttributes
	}
	all, err := list.Younger(ctx, directory.CacheFresh)
	if err != nil {
		return nil, err
	}
	var chosen []intercom.DataAttribute
	for _, a := range all {
		if a.Custom || in.Standard {
			chosen = append(chosen, a)
		}
	}
	bound := in
	bound.Limit, bound.Cursor = 0, ""
	columns := []string{"id", "type", "writable", "options", "description"}
	if in.Of == "company" {
		seen := seenValues(ctx, s, chosen, s.lists.SeenOfCompanies)
		return render.ListWhole(ctx, s.listBinding(bound), in.Cursor, in.Limit, chosen, columns,
			func(a *intercom.DataAttribute) []string { return attributeCells(s, a, "company.", seen) })
	}
	if in.Standard {
		chosen = append(chosen, linkAttributes...)
	}
	seen := seenValues(ctx, s, chosen, s.lists.SeenValues)
	return render.ListWhole(ctx, s.listBinding(bound), in.Cursor, in.Limit, chosen, append(columns, "filter"),
		func(a *intercom.DataAttribute) []string { return append(attributeCells(s, a, "", seen), filterForm(a)) })
}

// linkAttributes are what contacts are found by that Intercom lists among no attributes.
var linkAttributes = []intercom.DataAttribute{
	{FullName: "tag", DataType: "tag"}, {FullName: "segment", DataType: "segment"},
	{FullName: "company", DataType: "company"},
}

// seenValues are the values of text attributes that have few, where there are such attributes. Where they cannot be
// read, the answer says so.
func seenValues(ctx context.Context, s *session, attributes []intercom.DataAttribute,
	sample *directory.Cached[map[string][]string]) map[string][]string {
	isText := func(a intercom.DataAttribute) bool { return a.Custom && attributeType(&a) == "string" }
	if !slices.ContainsFunc(attributes, isText) {
		return nil
	}
	seen, err := sample.Younger(ctx, directory.SeenFor)
	if err != nil {
		s.note("which values text attributes have could not be read")
	}
	return seen
}

// attributeCells are what both models' attributes have in common. of comes before the names of a model's fields in
// policies.
func attributeCells(s *session, a *intercom.DataAttribute, of string, seen map[string][]string) []string {
	options := s.cleaner.Join(a.Options)
	if values := seen[a.Name]; a.Custom && attributeType(a) == "string" && len(values) > 0 &&
		!s.policy.Masks(of+a.FullName) {
		options = "seen: " + s.cleaner.Join(values)
	}
	return []string{s.shown(a.FullName, render.MaxCell), attributeType(a), render.Flag(a.APIWritable), options,
		s.shown(a.Description, 100)}
}

// filterForm is how where writes a value to compare an attribute of contacts with; "" where nothing is found by it.
func filterForm(a *intercom.DataAttribute) string {
	kind := record.AttributeKind(a)
	if !a.Custom {
		i := slices.IndexFunc(record.ContactFields, func(f record.Field) bool {
			return f.Name == a.FullName || f.Search == a.FullName
		})
		if i < 0 {
			return ""
		}
		kind = record.ContactFields[i].Kind
	}
	switch {
	case a.FullName == "role":
		return "user or lead"
	case len(a.Options) > 0:
		return "an option"
	}
	return filterForms[kind]
}

var filterForms = map[record.Kind]string{
	record.KindString: "text", record.KindBool: "true or false", record.KindInteger: "whole number",
	record.KindFloat: "number", record.KindTime: "2026-08-31 or -90d", record.KindOwner: "teammate's e-mail",
	record.KindTag: "name or id", record.KindSegment: "name or id", record.KindCompany: "name, id or company_id:…",
}

// attributeType names an attribute's type; one with options is a list.
func attributeType(a *intercom.DataAttribute) string {
	if len(a.Options) > 0 {
		return "list"
	}
	return strings.ToLower(a.DataType)
}
