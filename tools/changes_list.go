package tools

import (
	"context"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// ListChangesInput selects changes.
type ListChangesInput struct {
	// viewers and operators: everyone, a principal or e-mail
	Of string `json:"of,omitempty"`
	// only these
	Status ChangeStatus `json:"status,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// ChangeStatus is where a change stands.
type ChangeStatus string

// Enum lists the statuses.
func (ChangeStatus) Enum() []string {
	var list []string
	for _, status := range change.Statuses() {
		list = append(list, string(status))
	}
	return list
}

// maxPrincipal bounds the name of a principal, in bytes: an issuer's address and a subject.
const maxPrincipal = 1000

// everyone stands for the changes of any principal.
const everyone = "everyone"

// listed says whose changes are listed: a principal's, or with "" those of any, and of a person by e-mail.
func (in *ListChangesInput) listed(s *session) (principal, email string, err error) {
	switch of := strings.TrimSpace(in.Of); {
	case of == "", of == s.call.Principal:
		return s.call.Principal, "", nil
	case len(of) > maxPrincipal:
		return "", "", toolerr.New(toolerr.InvalidArgument, "There is no such long name of anyone.",
			"It takes everyone, or whom by shows.")
	case !s.call.sees():
		return "", "", toolerr.New(toolerr.PolicyDenied, "You see your own changes alone.",
			"Leave out of; a viewer or an operator sees those of others.").With("rule", "roles")
	case strings.EqualFold(of, everyone):
		return "", "", nil
	case strings.Contains(of, "@") && !strings.Contains(of, "://"): // a subject of an issuer may hold @, too
		return "", of, nil
	default:
		return of, "", nil
	}
}

// listChanges lists changes, newest first: the caller's own, or those of others.
func listChanges(ctx context.Context, s *session, in ListChangesInput) (*render.Table, error) {
	if in.Limit == 0 {
		in.Limit = render.DefaultLimit
	}
	principal, email, err := in.listed(s)
	if err != nil {
		return nil, err
	}
	binding := s.listBinding([]string{string(in.Status), principal, email})
	from, err := render.DecodeCursor(in.Cursor, binding, in.Limit)
	if err != nil {
		return nil, err
	}
	outcomes, titles := make(map[string]string), make(map[string]string) // by handle
	got, err := render.Collect(ctx, from, in.Limit, func(at render.Position) (intercom.Page[change.Summary], error) {
		list, err := s.store.List(ctx, principal, change.Query{Email: email, Status: change.Status(in.Status), At: time.Now(),
			After: at.Page, Limit: at.Size + 1})
		page := intercom.Page[change.Summary]{Items: list, Total: -1}
		if len(list) > at.Size {
			page.Items, page.Next = list[:at.Size], list[at.Size-1].Change.ID
		}
		return page, err
	}, func(c *change.Summary) (bool, error) {
		whole := func() (change.Change, error) { return s.store.Get(ctx, c.Change.Principal, c.Change.ID) }
		told, err := s.view.Outcomes(c, whole)
		if err != nil {
			return false, err
		}
		outcomes[c.Change.ID] = told
		titles[c.Change.ID], err = s.view.TitleInList(c, whole)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	columns := []string{"id", "tool", "what", "status", "created_at", "outcomes"}
	others := principal != s.call.Principal || s.call.Operator
	if others {
		columns = append(columns, "by")
	}
	return render.Tabulate(got, binding, columns, func(summary *change.Summary) []string {
		c := &summary.Change
		row := []string{c.ID, c.Tool, titles[c.ID], string(c.Status),
			render.ISO(c.CreatedAt), outcomes[c.ID]}
		if others {
			row = append(row, render.Requester(c))
		}
		return row
	})
}
