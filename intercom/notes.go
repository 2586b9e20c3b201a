package intercom

import "context"

// NoteService calls the endpoints of notes. [ContactService] and
// [CompanyService] list and write the notes of one contact or company.
type NoteService service

// Note is what an admin wrote on a contact or a company. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/note
type Note struct {
	ID        string
	CreatedAt Time
	ContactID string // "" if it is on a company
	CompanyID string // Intercom's id, "" if it is on a contact
	Author    NoteAuthor
	Body      string // HTML
}

// NoteAuthor is the admin who wrote a note.
type NoteAuthor struct {
	ID    string
	Name  string
	Email string
}

// NoteWrite is a note to write.
type NoteWrite struct {
	Body    string `json:"body"`               // HTML; plain text is wrapped in a paragraph
	AdminID string `json:"admin_id,omitempty"` // "" stands for the token's admin
}

type noteWire struct {
	ID        looseString `json:"id" record:"note"`
	CreatedAt Time        `json:"created_at"`
	Contact   reference   `json:"contact"`
	Company   reference   `json:"company"`
	User      reference   `json:"user"` // instead of contact in old versions
	Author    struct {
		ID    looseString `json:"id"`
		Name  string      `json:"name"`
		Email string      `json:"email"`
	} `json:"author"`
	Body string `json:"body"`
}

func (w noteWire) model() (Note, error) {
	if w.ID == "" {
		return Note{}, errNoID
	}
	contact := w.Contact.ID
	if contact == "" {
		contact = w.User.ID
	}
	return Note{
		ID:        string(w.ID),
		CreatedAt: w.CreatedAt,
		ContactID: string(contact),
		CompanyID: string(w.Company.ID),
		Author:    NoteAuthor{ID: string(w.Author.ID), Name: w.Author.Name, Email: w.Author.Email},
		Body:      w.Body,
	}, nil
}

// Get returns a note.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/retrievenote
func (s *NoteService) Get(ctx context.Context, id string) (Note, error) {
	return one[noteWire](ctx, s.client, safeRead("GET /notes/{id}", id))
}
