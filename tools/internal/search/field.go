package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"intercom-mcp/schemas"
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
	return nil,
		toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no contact field%s.", text.Clip(text.Clean(name), 60),
			s.nearestFields(ctx, name)), "list_attributes shows the fields.")
}

// nearestFields names the fields that a name may mean, custom attributes as they are to be written.
func (s *Searcher) nearestFields(ctx context.Context, name string) string {
	var names, written []string
	for _, f := range record.ContactFields {
		names = append(names, f.Name)
	}
	attributes, _ := s.Dir.Lists.ContactAttributes.Get(ctx) // which was read just now
	for i := range attributes {
		if a := &attributes[i]; a.Custom && !a.Archived {
			names = append(names, a.Name)
		}
	}
	standard := len(record.ContactFields)
	for _, near := range schemas.Nearest(name, names, 5) {
		if slices.Index(names, near) >= standard {
			near = directory.CustomPrefix + text.Clip(text.Clean(near), 60)
		}
		written = append(written, strconv.Quote(near))
	}
	if written == nil {
		return ""
	}
	return "; nearest: " + strings.Join(written, ", ")
}
