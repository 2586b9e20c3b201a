package directory

import (
	"context"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
)

// maxShownEmails bounds how many e-mails of one call, that no contact has just so, are looked for as they are shown.
const maxShownEmails = FewContacts

// shownEmails looks for contacts by e-mails as answers show them: Intercom compares e-mails as they are stored, and
// answers leave out what hides in them. It is for one call.
type shownEmails struct{ searches int }

// search finds the contacts whose e-mail shows like one that no contact has just so, in one request. It returns none
// where more may be among them than one page holds, and beyond [maxShownEmails].
func (s *shownEmails) search(ctx context.Context, client *intercom.Client, email string) ([]intercom.Contact, error) {
	query := shownEmailQuery(strings.ToLower(email))
	if query == nil || s.searches == maxShownEmails {
		return nil, nil
	}
	s.searches++
	page, err := client.Contacts.Search(ctx, intercom.SearchRequest{Query: query, PerPage: PageOfContacts})
	if err != nil || page.Next != "" {
		return nil, err
	}
	return slices.DeleteFunc(page.Items, func(c intercom.Contact) bool { return !showsLike(&c, email) }), nil
}

// showsLike reports whether answers show a contact's e-mail like one, whatever the case.
func showsLike(c *intercom.Contact, email string) bool {
	return strings.EqualFold(text.Shown(c.Email), text.Shown(email))
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
