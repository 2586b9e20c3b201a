package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
)

// segmentSet is the set of tools about segments.
var segmentSet = Set{Name: "segments", Default: true, Doc: "Segments"}

// segmentTools are the tools for segments.
func segmentTools() []Tool {
	return []Tool{
		{
			Name: "list_segments", Title: "List segments", Set: segmentSet, Effect: policy.Read, Run: reads(listSegments),
			Doc: "List the segments.",
		},
	}
}

// listSegments lists the workspace's segments.
func listSegments(ctx context.Context, s *session, in ListInput) (*render.Table, error) {
	all, err := s.lists.Segments.Get(ctx)
	if err != nil {
		return nil, err
	}
	return render.ListWhole(ctx, s.listBinding(nil), in.Cursor, in.Limit, all, []string{"id", "name", "of"},
		func(g *intercom.Segment) []string {
			of := "users"
			if g.PersonType == "contact" {
				of = "leads"
			}
			return []string{g.ID, s.shown(g.Name, render.MaxCell), of}
		})
}
