package tools

import (
	"context"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
)

// changeSet is the set of tools about changes.
var changeSet = Set{Name: "changes", Default: true,
	Doc: "Following, confirming, cancelling and undoing what was written"}

// changeReadTools are the tools for the reading of changes.
func changeReadTools() []Tool {
	return []Tool{
		{
			Name: "get_change", Title: "Get a change", Set: changeSet, Effect: policy.Read, Run: reads(getChange),
			Doc: "Show where a change stands: preview, progress, outcome by contact.",
		},
		{
			Name: "list_changes", Title: "List changes", Set: changeSet, Effect: policy.Read, Run: reads(listChanges),
			Doc: "List your changes, newest first.",
		},
	}
}

// GetChangeInput names a change and what to show of it.
type GetChangeInput struct {
	// chg_…
	Change string `json:"change"`
	// only these contacts
	Outcome ItemOutcome `json:"outcome,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// ItemOutcome is what became of one contact of a change.
type ItemOutcome string

// Enum lists the outcomes.
func (ItemOutcome) Enum() []string {
	return []string{"pending", "changed", "unchanged", "written", "partly", "failed", "not_sent", "unknown"}
}

// getChange shows a change: where it stands, and contact by contact.
func getChange(ctx context.Context, s *session, in GetChangeInput) (*render.ChangeDetail, error) {
	c, err := findSeen(ctx, s, in.Change)
	if err != nil {
		return nil, err
	}
	if c, err = settled(ctx, s, c); err != nil {
		return nil, err
	}
	if !s.isOthers(&c) {
		offerView(s, &c)
	}
	if in.Limit == 0 {
		in.Limit = render.DefaultLimit
	}
	binding := s.listBinding([]string{c.ID, string(in.Outcome)})
	from, err := render.DecodeCursor(in.Cursor, binding, directory.PageOfContacts)
	if err != nil {
		return nil, err
	}
	got, err := render.Collect(ctx, from, in.Limit, func(at render.Position) (intercom.Page[change.Item], error) {
		return render.SliceOf(c.Items, at), nil
	}, func(item *change.Item) (bool, error) {
		return in.Outcome == "" || s.mask.Outcome(&c, item) == string(in.Outcome), nil
	})
	if err != nil {
		return nil, err
	}
	if in.Outcome != "" {
		got.Total = -1
	}
	table, err := render.Tabulate(got, binding, []string{"id", "contact", "outcome", "change", "reason"},
		func(item *change.Item) []string {
			diff := ""
			if !c.Purged && !item.Erased {
				diff = s.view.Rows.Diff(&c, item)
			}
			return []string{item.TargetID, s.mask.Who(item), s.mask.Outcome(&c, item), diff,
				text.Clip(s.view.Why(&c, item), render.MaxCell)}
		})
	if err != nil {
		return nil, err
	}
	detail := s.view.Detail(c, table)
	if s.isOthers(&c) {
		detail.By = render.Requester(&c)
	}
	switch {
	case c.Status == change.StatusAwaiting && c.Level == policy.LevelApprover:
		detail.Approval = render.Approval{Code: change.ShortCode(c.ID), Link: consoleLink(s, &c),
			AskAgain: askAgain(&c, time.Now())}
		detail.AddNote(whereApproved(s, &c))
	case c.Unowned() && !s.engine.At(c.ID):
		detail.AskAgain = soon
		detail.AddNote("a server that has the access token begins it within seconds, at the latest by " +
			render.ISO(c.ExpiresAt))
	case c.Status == change.StatusApproved || c.Status == change.StatusApplying:
		detail.AddNote(standing(s, &c))
	}
	return detail, nil
}
