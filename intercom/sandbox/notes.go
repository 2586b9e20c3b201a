package sandbox

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Note is a note on a contact or a company.
type Note struct {
	ID        string
	ContactID string // either this
	CompanyID string // or this
	AuthorID  string // of an admin
	Body      string // HTML
	CreatedAt int64  // Unix seconds
}

// noteBook holds the notes. They are never changed or deleted by the API.
type noteBook struct {
	byID map[string]*Note
	of   map[string][]*Note // by contact or company id, oldest first
}

func (b *noteBook) add(n *Note) {
	b.byID[n.ID] = n
	owner := n.ContactID
	orElse(&owner, n.CompanyID)
	b.of[owner] = append(b.of[owner], n)
}

// move hands the notes of one contact to another.
func (b *noteBook) move(from, into string) {
	for _, n := range b.of[from] {
		n.ContactID = into
		b.of[into] = append(b.of[into], n)
	}
	delete(b.of, from)
}

// drop forgets the notes of a contact.
func (b *noteBook) drop(owner string) {
	for _, n := range b.of[owner] {
		delete(b.byID, n.ID)
	}
	delete(b.of, owner)
}

// newestFirst are the notes of a contact or a company.
func (b *noteBook) newestFirst(owner string) []*Note {
	notes := slices.Clone(b.of[owner])
	slices.Reverse(notes)
	return notes
}

// ids are the ids of newestFirst.
func (b *noteBook) ids(owner string) []string {
	ids := make([]string, 0, len(b.of[owner]))
	for _, n := range slices.Backward(b.of[owner]) {
		ids = append(ids, n.ID)
	}
	return ids
}

// noteJSON is a note on the wire.
type noteJSON struct {
	Type      string     `json:"type"`
	ID        string     `json:"id"`
	CreatedAt int64      `json:"created_at"`
	Contact   optional   `json:"contact,omitzero"`
	Company   optional   `json:"company,omitzero"`
	Author    authorJSON `json:"author"`
	Body      string     `json:"body"`
}

type ownerRef struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// note renders a note with its author.
func (v view) note(n *Note) noteJSON {
	out := noteJSON{Type: "note", ID: n.ID, CreatedAt: n.CreatedAt, Author: v.q.space.admins.byID(n.AuthorID).authorJSON(),
		Body: n.Body}
	if n.ContactID != "" {
		out.Contact = optional{true, ownerRef{"contact", n.ContactID}}
	} else if v.q.version >= v216 {
		out.Company = optional{true, ownerRef{"company", n.CompanyID}}
	}
	return out
}

// listContactNotes is GET /contacts/{id}/notes, the newest first.
func listContactNotes(q *request, c *contact) (any, *apiError) { return q.noteList("/contacts/", c.ID) }

// listCompanyNotes is GET /companies/{id}/notes, the newest first.
func listCompanyNotes(q *request, c *Company) (any, *apiError) {
	return q.noteList("/companies/", c.ID)
}

// noteList answers with a page of the notes of an owner, whose path begins so.
func (q *request) noteList(owners, id string) (any, *apiError) {
	page, size, err := q.relationPaging()
	if err != nil {
		return nil, err
	}
	return numberedPage(q, owners+id+"/notes", q.space.notes.newestFirst(id), page, size, view{q}.note), nil
}

// createContactNote is POST /contacts/{id}/notes.
func createContactNote(q *request, c *contact) (any, *apiError) {
	n, err := q.parseNote()
	if err != nil {
		return nil, err
	}
	q.space.contacts.touch(c, q.at)
	n.ContactID = c.ID
	q.space.notes.add(n)
	return view{q}.note(n), nil
}

// createCompanyNote is POST /companies/{id}/notes.
func createCompanyNote(q *request, c *Company) (any, *apiError) {
	n, err := q.parseNote()
	if err != nil {
		return nil, err
	}
	n.CompanyID = c.ID
	q.space.notes.add(n)
	return view{q}.note(n), nil
}

// parseNote makes a note of the body. Without admin_id it is the token's admin who writes.
func (q *request) parseNote() (*Note, *apiError) {
	raw, ok := q.body.given("body")
	if !ok {
		return nil, missingField("body")
	}
	body, ok := text(raw)
	if !ok || strings.TrimSpace(body) == "" {
		return nil, invalidField("body")
	}
	author := q.space.admins[0].ID
	if raw, ok := q.body.given("admin_id"); ok {
		id, _ := idText(raw)
		if q.space.admins.byID(id) == nil {
			return nil, errResourceNotFound
		}
		author = id
	}
	return &Note{ID: q.space.ids.nextDecimal(), AuthorID: author, Body: noteHTML(body), CreatedAt: q.now()}, nil
}

var (
	htmlTag      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`</?[a-zA-Z][^<>]*>`) })
	htmlBlockTag = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^<(p|h[1-6]|ul|ol|div|pre|blockquote)\b`)
	})
)

// noteHTML is a note's body as it is stored: text becomes a paragraph, and HTML stays what it is.
func noteHTML(body string) string {
	if htmlBlockTag().MatchString(body) {
		return body
	}
	if !htmlTag().MatchString(body) {
		body = html.EscapeString(body)
	}
	return "<p>" + strings.ReplaceAll(body, "\n", "<br>\n") + "</p>"
}

// getNote is GET /notes/{id}.
func getNote(q *request) (any, *apiError) {
	n := q.space.notes.byID[q.vars["id"]]
	if n == nil || n.CompanyID != "" && q.version < v216 {
		return nil, errResourceNotFound
	}
	return view{q}.note(n), nil
}
