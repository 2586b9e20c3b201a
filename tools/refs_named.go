package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/schemas"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// company resolves a company reference: Intercom id, company_id:…, URL or name.
func (s *session) company(ctx context.Context, str string) (*intercom.Company, error) {
	ref, err := parseReference(str, "company_id", "companies")
	if err != nil {
		return nil, err
	}
	if err := s.here(ctx, ref); err != nil {
		return nil, err
	}
	switch {
	case ref.id != "":
		c, err := s.client.Companies.Get(ctx, ref.id)
		return &c, missingCompany(err, str)
	case ref.key != "":
		c, err := s.client.Companies.FindByCompanyID(ctx, ref.key)
		return &c, missingCompany(err, str)
	}
	named, err := s.client.Companies.FindByName(ctx, ref.name)
	if err != nil {
		return nil, missingCompany(err, str)
	}
	switch len(named) {
	case 0:
		return nil, noCompany(str)
	case 1:
		return &named[0], nil
	}
	var lines, ids []string
	for _, c := range named {
		lines = append(lines, c.ID+" (company_id:"+text.Clip(text.Clean(c.CompanyID), 40)+")")
		ids = append(ids, c.ID)
	}
	return nil, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d companies are named %q: %s.", len(named), text.Clip(text.Clean(str), 60), strings.Join(lines, "; ")),
		"Use one of the ids.").With("candidates", ids)
}

func missingCompany(err error, text string) error {
	var upstream *intercom.Error
	if errors.As(err, &upstream) && upstream.Kind() == intercom.KindNotFound {
		toolErr := noCompany(text)
		toolErr.RequestID = upstream.RequestID
		return toolErr
	}
	return err
}

func noCompany(str string) *toolerr.Error {
	return toolerr.New(toolerr.NotFound, fmt.Sprintf("There is no company %q.", text.Clip(text.Clean(str), 60)),
		"Give its exact name, id or company_id; see find_companies.")
}

// tag resolves a tag by name or id.
func (s *session) tag(ctx context.Context, str string) (intercom.Tag, error) {
	wanted := strings.TrimSpace(str)
	found, all, err := find(ctx, s.workspace.tags, func(t intercom.Tag) bool { return strings.EqualFold(t.Name, wanted) || t.ID == wanted })
	if err != nil {
		return intercom.Tag{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return intercom.Tag{}, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%q is the name of one tag and the id of another.", text.Clip(text.Clean(str), 60)), "Use the other handle of the tag you mean.")
	}
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name
	}
	return intercom.Tag{}, toolerr.New(toolerr.UnknownTag, fmt.Sprintf("There is no tag %q%s.", text.Clip(text.Clean(str), 60), didYouMean(wanted, names)),
		"list_tags shows them; new ones are made in Intercom.").With("nearest", schemas.Nearest(wanted, names, 5))
}

// segment resolves a segment by name or id.
func (s *session) segment(ctx context.Context, str string) (intercom.Segment, error) {
	wanted := strings.TrimSpace(str)
	found, all, err := find(ctx, s.workspace.segments, func(g intercom.Segment) bool { return strings.EqualFold(g.Name, wanted) || g.ID == wanted })
	if err != nil {
		return intercom.Segment{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return intercom.Segment{}, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d segments are named %q.", len(found), text.Clip(text.Clean(str), 60)), "Use an id from list_segments.")
	}
	names := make([]string, len(all))
	for i, g := range all {
		names[i] = g.Name
	}
	return intercom.Segment{}, toolerr.New(toolerr.NotFound, fmt.Sprintf("There is no segment %q%s.", text.Clip(text.Clean(str), 60), didYouMean(wanted, names)), "list_segments shows them.")
}

// admin resolves a teammate by e-mail, name or id.
func (s *session) admin(ctx context.Context, str string) (intercom.Admin, error) {
	wanted := strings.TrimSpace(str)
	found, all, err := find(ctx, s.workspace.admins, func(a intercom.Admin) bool {
		return a.ID == wanted || strings.EqualFold(a.Email, wanted) || strings.EqualFold(a.Name, wanted)
	})
	if err != nil {
		return intercom.Admin{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	var names []string
	for _, a := range all {
		names = append(names, a.Name, a.Email)
	}
	if len(found) > 1 {
		return intercom.Admin{}, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d teammates are named %q.", len(found), text.Clip(text.Clean(str), 60)), "Use the e-mail.")
	}
	return intercom.Admin{}, toolerr.New(toolerr.NotFound, fmt.Sprintf("There is no teammate %q%s.", text.Clip(text.Clean(str), 60), didYouMean(wanted, names)), "Use a teammate's e-mail.")
}
