package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
)

// teammateTools are the tools for teammates.
func teammateTools() []Tool {
	return []Tool{{
		Name: "list_teammates", Title: "List teammates", Set: contactSet, Effect: policy.Read, Run: reads(listTeammates),
		Doc: "List the teammates who can own contacts.",
	}}
}

// listTeammates lists the workspace's teammates, masked as the owners of contacts are.
func listTeammates(ctx context.Context, s *session, in ListInput) (*render.Table, error) {
	all, err := s.lists.Admins.Younger(ctx, directory.CacheFresh)
	if err != nil {
		return nil, err
	}
	owner := func(str string) string {
		visible, _ := s.mask.Visible("owner_id", str).(string)
		return s.shown(visible, render.MaxCell)
	}
	columns := []string{"id", "name", "email", "job_title", "away"}
	return render.ListWhole(ctx, s.listBinding(nil), in.Cursor, in.Limit, all, columns, func(a *intercom.Admin) []string {
		return []string{a.ID, owner(a.Name), owner(a.Email), owner(a.JobTitle), render.Flag(a.AwayModeEnabled)}
	})
}
