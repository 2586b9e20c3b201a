package intercom

import (
	"context"
	"iter"
)

// NoteService calls the endpoints of notes, those of one contact or company among them.
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
	Body markup `json:"body"`
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
		Body:      string(w.Body),
	}, nil
}

// Get returns a note.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/retrievenote
func (s *NoteService) Get(ctx context.Context, id string) (Note, error) {
	return one[noteWire](ctx, s.client, safeRead("GET /notes/{id}", id))
}

// OfContact returns a page of a contact's notes, newest first.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/listnotes
func (s *NoteService) OfContact(ctx context.Context, id string, options PageOptions) (Page[Note], error) {
	r := safeRead("GET /contacts/{id}/notes", id).page(options, maxRelatedPerPage)
	return list[noteWire](ctx, s.client, r)
}

// OfContactAll iterates over a contact's notes, newest first.
func (s *NoteService) OfContactAll(ctx context.Context, id string, options PageOptions) iter.Seq2[Note, error] {
	return all(options, func(at PageOptions) (Page[Note], error) { return s.OfContact(ctx, id, at) })
}

// AddToContact writes a note on a contact. Notes cannot be changed or deleted.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/createnote
func (s *NoteService) AddToContact(ctx context.Context, id string, note NoteWrite) (Note, error) {
	return one[noteWire](ctx, s.client, onceOnly("POST /contacts/{id}/notes", id).with(note))
}

// OfCompany returns a page of a company's notes. Versions before 2.15 lack it, so it is sent as 2.15 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/listcompanynotes
func (s *NoteService) OfCompany(ctx context.Context, id string, options PageOptions) (Page[Note], error) {
	r := safeRead("GET /companies/{id}/notes", id).since(15, s.client.conn.version).page(options, maxRelatedPerPage)
	return list[noteWire](ctx, s.client, r)
}

// OfCompanyAll iterates over a company's notes.
func (s *NoteService) OfCompanyAll(ctx context.Context, id string, options PageOptions) iter.Seq2[Note, error] {
	return all(options, func(at PageOptions) (Page[Note], error) { return s.OfCompany(ctx, id, at) })
}

// AddToCompany writes a note on a company. Versions before 2.16 lack it, so it is sent as 2.16 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/notes/createcompanynote
func (s *NoteService) AddToCompany(ctx context.Context, id string, note NoteWrite) (Note, error) {
	r := onceOnly("POST /companies/{id}/notes", id).since(16, s.client.conn.version)
	return one[noteWire](ctx, s.client, r.with(note))
}
