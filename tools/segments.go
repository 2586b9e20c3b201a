package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
)

// ListSegmentsInput selects segments.
type ListSegmentsInput struct {
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=150"`
	// from next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// listSegments lists the workspace's segments.
func listSegments(ctx context.Context, s *session, in ListSegmentsInput) (*render.Table, error) {
	all, err := s.lists.Segments.Get(ctx)
	if err != nil {
		return nil, err
	}
	return render.ListWhole(s.listBinding(nil), in.Cursor, in.Limit, all, []string{"id", "name", "of"}, func(g *intercom.Segment) []string {
		of := "users"
		if g.PersonType == "contact" {
			of = "leads"
		}
		return []string{g.ID, text.Clip(text.Clean(g.Name), render.MaxCell), of}
	})
}
