package directory

import (
	"context"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
)

// maxShownEmails bounds how many e-mails of one call, that no contact has just so, are looked for as they are shown.
const maxShownEmails = FewContacts

// shownEmail finds the one contact whose e-mail shows like one that no contact has just so, in one search: Intercom
// compares e-mails as they are stored, and answers leave out what hides in them. It returns nil where none shows so,
// where more may than one page holds, and beyond [maxShownEmails] of a call.
func (r *Resolver) shownEmail(ctx context.Context, email string) (*intercom.Contact, error) {
	parts := shownEmailQuery(strings.ToLower(email))
	if parts == nil || r.shownEmails == maxShownEmails {
		return nil, nil
	}
	r.shownEmails++
	page, err := r.Client.Contacts.Search(ctx, intercom.SearchRequest{Query: parts, PerPage: PageOfContacts})
	if err != nil || page.Next != "" {
		return nil, err
	}
	showsSo := func(c *intercom.Contact) bool { return strings.EqualFold(shown(c.Email), shown(email)) }
	var found []intercom.Contact
	for i := range page.Items {
		if showsSo(&page.Items[i]) {
			found = append(found, page.Items[i])
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, r.Ambiguous(email, found)
	}
	c, err := r.Client.Contacts.Get(ctx, found[0].ID) // the search may lag behind; the record itself does not
	if err != nil || !showsSo(&c) {
		return nil, r.MissingContact(err, email)
	}
	r.Warn(fmt.Sprintf("%s has an e-mail that shows as %q, but holds characters that do not show",
		c.ID, text.Clip(text.Clean(email), 80)))
	return &c, nil
}

// shownEmailQuery matches the e-mails that show like one and hide something in one place: in the first half of the
// part before the @, in its second half, or behind it. It is nil for what is no e-mail, or too short to tell.
func shownEmailQuery(email string) intercom.Query {
	at := strings.LastIndex(email, "@")
	local := []rune(email[:max(at, 0)])
	if len(local) < 2 {
		return nil
	}
	first, rest, domain := string(local[:len(local)/2]), string(local[len(local)/2:]), email[at:]
	starts := func(with string) intercom.Query {
		return intercom.Filter{Field: "email", Operator: "^", Value: with}
	}
	ends := func(with string) intercom.Query {
		return intercom.Filter{Field: "email", Operator: "$", Value: with}
	}
	return intercom.Group{Operator: intercom.Or, Of: []intercom.Query{
		ends(rest + domain),
		intercom.Group{Operator: intercom.And, Of: []intercom.Query{starts(first), ends(domain)}},
		starts(string(local) + "@"),
	}}
}
