package engine

import (
	"context"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
)

// Escaping finds out, for one call, what a field holds that Intercom gives as "R&amp;D": the text "R&D", escaped, or
// "R&amp;D", as somebody wrote it. An answer does not tell the two apart. A search does, for fields that can be
// searched for, since it compares what is stored; what it tells of one text is true of all texts of the field. It is
// for one goroutine.
type Escaping struct {
	client *intercom.Client
	known  map[string]holding // by record and field
}

// NewEscaping returns one that knows nothing yet, and asks by client.
func NewEscaping(client *intercom.Client) *Escaping {
	return &Escaping{client: client, known: make(map[string]holding)}
}

// holding is what a field holds for which Intercom gives a text that looks escaped.
type holding int

const (
	unclear   holding = iota // not known
	asShown                  // the text without the escaping, as answers show it
	literally                // the text as Intercom gives it
)

// ofContact tells what a contact's field holds, given the text as Intercom gives it and as answers show it.
func (e *Escaping) ofContact(ctx context.Context, id, field, given, shown string) holding {
	if field != "name" && field != "external_id" && !strings.HasPrefix(field, directory.CustomPrefix) {
		return unclear
	}
	return e.tell("contact "+field, given, shown, func(text string) bool {
		page, err := e.client.Contacts.Search(ctx, intercom.SearchRequest{PerPage: 1, Query: intercom.Group{
			Operator: intercom.And, Of: []intercom.Query{intercom.Filter{Field: "id", Operator: "=", Value: id},
				intercom.Filter{Field: field, Operator: "=", Value: text}}}})
		return err == nil && len(page.Items) == 1 && page.Items[0].ID == id
	})
}

// ofCompany tells it of a company's field.
func (e *Escaping) ofCompany(ctx context.Context, id, field, given, shown string) holding {
	if field != "name" {
		return unclear
	}
	return e.tell("company "+field, given, shown, func(text string) bool {
		named, err := e.client.Companies.FindByName(ctx, text)
		return err == nil && slices.ContainsFunc(named, func(c intercom.Company) bool { return c.ID == id })
	})
}

// tell looks for a record by what it may hold, unless it is known. A search that fails, or is behind the times, tells
// nothing, and what is found by both texts is not told apart.
func (e *Escaping) tell(what, given, shown string, holds func(text string) bool) holding {
	found, ok := e.known[what]
	if !ok {
		switch plain, literal := holds(shown), holds(given); {
		case plain && !literal:
			found = asShown
		case literal && !plain:
			found = literally
		}
		e.known[what] = found
	}
	return found
}
