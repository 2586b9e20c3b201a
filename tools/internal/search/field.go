package search

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Field finds a contact field by the agent's name for it, custom attributes
// through the workspace's own list, Intercom's own spellings included.
func (s *Searcher) Field(ctx context.Context, name string) (*record.Field, error) {
	alias := map[string]string{
		"owner_id": "owner", "tag_id": "tag", "tags": "tag", "segment_id": "segment", "segments": "segment",
		"companies": "company", "company_id": "company",
	}
	if trimmed := strings.TrimSpace(name); !strings.HasPrefix(trimmed, directory.CustomPrefix) {
		name = trimmed
	}
	wanted := name
	if other, ok := alias[name]; ok {
		wanted = other
	}
	for i := range record.ContactFields {
		if record.ContactFields[i].Name == wanted {
			return &record.ContactFields[i], nil
		}
	}
	if custom, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
		attribute, err := s.Dir.Attribute(ctx, custom)
		if err != nil {
			return nil, err
		}
		return record.CustomField(attribute), nil
	}
	attribute, err := s.Dir.Attribute(ctx, name)
	var toolErr *toolerr.Error
	if err != nil && !errors.As(err, &toolErr) {
		return nil, err
	}
	if err == nil {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is a custom attribute.", name),
			"Write it as "+directory.CustomPrefix+attribute.Name+".")
	}
	var names []string
	for _, f := range record.ContactFields {
		names = append(names, f.Name)
	}
	return nil,
		toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no contact field%s.", text.Clip(text.Clean(name), 60),
			directory.DidYouMean(name, names)),
			"list_attributes shows the fields.")
}
