package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/schemas"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Company resolves a company reference: Intercom id, company_id:…, URL or name, or what is nobody's name and a
// company_id.
func (r *Resolver) Company(ctx context.Context, str string) (*intercom.Company, error) {
	ref, err := ParseReference(str, "company_id", "companies")
	if err != nil {
		return nil, err
	}
	if err := r.checkWorkspace(ctx, ref); err != nil {
		return nil, err
	}
	switch {
	case ref.ID != "":
		c, err := r.Client.Companies.Get(ctx, ref.ID)
		return &c, missingCompany(err, str)
	case ref.Key != "":
		c, err := r.Client.Companies.FindByCompanyID(ctx, ref.Key)
		return &c, missingCompany(err, str)
	}
	named, err := r.Client.Companies.FindByName(ctx, ref.Name)
	if err != nil {
		return nil, missingCompany(err, str)
	}
	for i := range named {
		if err := named[i].Unread("name"); err != nil { // nobody can tell whether it is meant
			return nil, err
		}
	}
	// Where something on the way drops the name from the question, the answer is about any company.
	named = slices.DeleteFunc(named, func(c intercom.Company) bool {
		return !strings.EqualFold(text.Shown(c.Name), text.Shown(ref.Name))
	})
	switch len(named) {
	case 0:
		return r.companyByKey(ctx, ref.Name)
	case 1:
		return &named[0], nil
	}
	var lines, ids []string
	for _, c := range named {
		lines = append(lines, c.ID+" (company_id "+text.Quote(text.Clip(text.Clean(c.CompanyID), 40))+")")
		ids = append(ids, c.ID)
	}
	return nil, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d companies are named %q: %s.", len(named),
		text.Clip(text.Clean(str), 60), strings.Join(lines, "; ")),
		"Use one of the ids.").With("candidates", ids)
}

// companyByKey finds the company whose company_id was written like a name.
func (r *Resolver) companyByKey(ctx context.Context, key string) (*intercom.Company, error) {
	c, err := r.Client.Companies.FindByCompanyID(ctx, key)
	if err != nil {
		return nil, likeCompanies(ctx, r.Client, missingCompany(err, key), key)
	}
	r.Note("no company is named %q; company_id:%[1]s is taken", text.Clip(text.Clean(key), 60))
	return &c, nil
}

// maxLike is how many companies an error compares a name with: one page of them, of those that have people.
const maxLike = 60

// likeCompanies adds to the error of a company that is not there the names that are like the one that was asked for, or
// says which show so.
func likeCompanies(ctx context.Context, client *intercom.Client, err error, name string) error {
	var missing *toolerr.Error
	if !errors.As(err, &missing) || missing.Code != toolerr.NotFound {
		return err
	}
	page, failed := client.Companies.List(ctx, intercom.PageOptions{PerPage: maxLike})
	if failed != nil { // what is asked about is not there all the same
		return err
	}
	var names, ids []string
	for i := range page.Items {
		c := &page.Items[i]
		if !strings.EqualFold(c.Name, name) && strings.EqualFold(text.Shown(c.Name), text.Shown(name)) {
			ids = append(ids, c.ID)
		}
		names = append(names, c.Name)
	}
	if len(ids) > 0 {
		return toolerr.New(toolerr.NotFound, fmt.Sprintf("No company is named just %q; something that does not show is "+
			"in the name of %s.", text.Clip(text.Clean(name), 60), text.ListFew(ids, 5)),
			"Use the id.").With("candidates", ids)
	}
	missing.Message = strings.TrimSuffix(missing.Message, ".") + DidYouMean(name, names) + "."
	return missing
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

// Tag resolves a tag by name or id.
func (r *Resolver) Tag(ctx context.Context, str string) (intercom.Tag, error) {
	wanted := trim(str)
	found, all, err := find(ctx, r.Lists.Tags, func(t intercom.Tag) bool {
		return strings.EqualFold(t.Name, wanted) ||
			t.ID == wanted
	})
	if err != nil {
		return intercom.Tag{}, err
	}
	if len(found) == 0 {
		found = shownAs(all, str, func(t intercom.Tag) string { return t.Name })
	}
	exact := slices.DeleteFunc(slices.Clone(found), func(t intercom.Tag) bool {
		return t.Name != wanted &&
			t.ID != wanted
	})
	switch {
	case len(exact) == 1:
		return exact[0], nil
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return intercom.Tag{}, severalTags(str, found)
	}
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name
	}
	next := "list_tags shows them; new ones are made in Intercom."
	if r.CreatesTags {
		next = "list_tags shows them; create_tag makes a new one."
	}
	return intercom.Tag{},
		toolerr.New(toolerr.UnknownTag, fmt.Sprintf("There is no tag %q%s.", text.Clip(text.Clean(str), 60),
			DidYouMean(wanted, names)), next).With("nearest", schemas.Nearest(wanted, names, 5))
}

// severalTags is the error of what may be one of several tags.
func severalTags(str string, found []intercom.Tag) *toolerr.Error {
	var each []string
	for _, t := range found[:min(len(found), 5)] {
		each = append(each, text.Quote(text.Clip(text.Clean(t.Name), 60))+" (id "+t.ID+")")
	}
	return toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%q may be %d tags: %s.", text.Clip(text.Clean(str), 60), len(found),
		strings.Join(each, ", ")), "Use the name or the id that only the one you mean has.")
}

// Segment resolves a segment by name or id.
func (r *Resolver) Segment(ctx context.Context, str string) (intercom.Segment, error) {
	wanted := trim(str)
	found, all, err := find(ctx, r.Lists.Segments, func(g intercom.Segment) bool {
		return strings.EqualFold(g.Name, wanted) ||
			g.ID == wanted
	})
	if err != nil {
		return intercom.Segment{}, err
	}
	if len(found) == 0 {
		found = shownAs(all, str, func(g intercom.Segment) string { return g.Name })
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return intercom.Segment{}, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d segments are named %q.", len(found),
			text.Clip(text.Clean(str), 60)), "Use an id from list_segments.")
	}
	names := make([]string, len(all))
	for i, g := range all {
		names[i] = g.Name
	}
	return intercom.Segment{},
		toolerr.New(toolerr.NotFound, fmt.Sprintf("There is no segment %q%s.", text.Clip(text.Clean(str), 60),
			DidYouMean(wanted, names)), "list_segments shows them.")
}

// Admin resolves a teammate by e-mail, name or id.
func (r *Resolver) Admin(ctx context.Context, str string) (intercom.Admin, error) {
	wanted := trim(str)
	found, all, err := find(ctx, r.Lists.Admins, func(a intercom.Admin) bool {
		return a.ID == wanted || strings.EqualFold(a.Email, wanted) || strings.EqualFold(a.Name, wanted)
	})
	if err != nil {
		return intercom.Admin{}, err
	}
	if len(found) == 0 {
		found = shownAs(all, str, func(a intercom.Admin) string { return a.Name })
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return intercom.Admin{}, toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d teammates are named %q.", len(found),
			text.Clip(text.Clean(str), 60)), "Use the e-mail.")
	}
	var names []string // that the policy shows
	for _, a := range all {
		for _, name := range []string{a.Name, a.Email} {
			if r.Mask("owner_id", name) == name {
				names = append(names, name)
			}
		}
	}
	return intercom.Admin{},
		toolerr.New(toolerr.NotFound, fmt.Sprintf("There is no teammate %q%s.", text.Clip(text.Clean(str), 60),
			DidYouMean(wanted, names)), "Use a teammate's e-mail.")
}

// OwnerName names a teammate by e-mail; the id where the teammate has left.
func (r *Resolver) OwnerName(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	all, err := r.Lists.Admins.Get(ctx)
	if err != nil {
		return "", err
	}
	for _, admin := range all {
		if admin.ID == id && admin.Email != "" {
			return text.Clean(admin.Email), nil
		}
	}
	return id, nil
}

// OwnerEmail is a teammate's e-mail, as far as it is known without asking Intercom; "" where it is not.
func (l *Lists) OwnerEmail(id string) string {
	admins, _ := l.Admins.Peek()
	for _, admin := range admins {
		if admin.ID == id {
			return admin.Email
		}
	}
	return ""
}

// FreeText reports whether a custom attribute of contacts is known, without asking Intercom, to hold any text, and not
// one of a few options.
func (l *Lists) FreeText(name string) bool {
	attributes, _ := l.ContactAttributes.Peek()
	return slices.ContainsFunc(attributes, func(a intercom.DataAttribute) bool {
		return a.Custom && a.Name == name && a.DataType == "string" && len(a.Options) == 0
	})
}

// NamesAttribute reports whether a text in lower case is known, without asking Intercom, to be the name of a custom
// attribute, its label or one of its options.
func (l *Lists) NamesAttribute(text string) bool {
	for _, list := range []*Cached[[]intercom.DataAttribute]{l.ContactAttributes, l.CompanyAttributes} {
		attributes, _ := list.Peek()
		for i := range attributes {
			a := &attributes[i]
			is := func(name string) bool { return strings.EqualFold(name, text) }
			if a.Custom && (is(a.Name) || is(a.Label) || slices.ContainsFunc(a.Options, is)) {
				return true
			}
		}
	}
	return false
}
