package tools

import (
	"context"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
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
	return render.ListWhole(s.listBinding(bound), in.Cursor, in.Limit, chosen, columns,
		func(a *intercom.DataAttribute) []string {
			return []string{s.shown(a.FullName, render.MaxCell), attributeType(a), render.Flag(a.APIWritable),
				s.cleaner.Join(a.Options), s.shown(a.Description, 100)}
		})
}

// attributeType names an attribute's type; one with options is a list.
func attributeType(a *intercom.DataAttribute) string {
	if len(a.Options) > 0 {
		return "list"
	}
	return strings.ToLower(a.DataType)
}
