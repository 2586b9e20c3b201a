package tools

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// noteSet is the set of tools about notes.
var noteSet = Set{Name: "notes", Default: true, Doc: "Notes on contacts"}

// noteTools are the tools for notes.
func noteTools() []Tool {
	return []Tool{
		{
			Name: "list_notes", Title: "List notes", Set: noteSet, Effect: policy.Read, Run: reads(listNotes),
			Doc: "List the notes on a contact, newest first.",
		},
		{
			Name: "add_note", Title: "Add a note", Set: noteSet, Effect: policy.Write, Run: plans(addNote),
			Doc: "Add an internal note to a contact. Notes cannot be edited or deleted.",
		},
	}
}

// ListNotesInput names a contact.
type ListNotesInput struct {
	// contact reference
	Contact string `json:"contact"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// maxNoteShown bounds one note in a list, in characters.
const maxNoteShown = 1000

// listNotes lists a contact's notes, newest first, as text.
func listNotes(ctx context.Context, s *session, in ListNotesInput) (*render.Table, error) {
	contact, err := s.dir.Contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = render.DefaultLimit
	}
	binding := s.listBinding(contact.ID)
	from, err := render.DecodeCursor(in.Cursor, binding, in.Limit)
	if err != nil {
		return nil, err
	}
	got, err := render.Collect(ctx, from, in.Limit, func(at render.Position) (intercom.Page[intercom.Note], error) {
		return s.client.Notes.OfContact(ctx, contact.ID, intercom.PageOptions{PerPage: at.Size, Cursor: at.Page})
	}, func(*intercom.Note) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	return render.Tabulate(got, binding, []string{"id", "created_at", "author", "text"}, func(n *intercom.Note) []string {
		return []string{n.ID, n.CreatedAt.String(), s.shown(n.Author.Name, 60),
			text.Clip(s.cleaner.FromHTML(n.Body), maxNoteShown)}
	})
}

// AddNoteInput is a note to write.
type AddNoteInput struct {
	// contact reference
	Contact string `json:"contact"`
	// plain text
	Body string `json:"body" jsonschema:"minLength=1,maxLength=10000"`
	// teammate's e-mail or id; default: the person's own, else the token's owner
	Author string `json:"author,omitempty"`
	// even if it was just written
	AllowDuplicate bool `json:"allow_duplicate,omitempty"`
}

// addNote plans to add an internal note to a contact.
func addNote(ctx context.Context, s *session, in AddNoteInput) (*draft, error) {
	var bad toolerr.Several
	contact, err := s.dir.Contact(ctx, in.Contact)
	if err == nil {
		err = contact.Unread("role")
	}
	if err = bad.Add("", err); err != nil {
		return nil, err
	}
	if text.FromHTML(text.FromPlain(in.Body)) == "" {
		_ = bad.Add("", toolerr.New(toolerr.InvalidArgument, "body: the note is empty.", "Write its text."))
	}
	if bad.Len() > 0 && in.Author == "" {
		return nil, bad.Err()
	}
	note, err := signedNote(ctx, s, in)
	if err = cmp.Or(bad.Add("", err), bad.Err()); err != nil {
		return nil, err
	}
	d := &draft{verb: "add a note to", irreversible: "Intercom has no way to edit or delete a note.",
		once: !in.AllowDuplicate}
	d.items = []change.Item{s.mask.Item(contact, change.Patch{Op: change.AddNote, Note: note})}
	if note.Author != "" && in.Author == "" {
		if err := signAsAllowed(ctx, s, d); err != nil {
			return nil, err
		}
	}
	d.items[0].Before.Notes, err = s.planner().NotesLike(ctx, contact.ID, d.items[0].Patch.Note)
	return d, err
}

// signedNote is the note that a call writes: as the teammate whom it names, else as the one who the caller is, else as
// the owner of the access token. Intercom wants an admin's id.
func signedNote(ctx context.Context, s *session, in AddNoteInput) (*change.Note, error) {
	me, err := s.lists.Me.Get(ctx)
	if err != nil {
		return nil, err
	}
	note := &change.Note{Body: text.FromPlain(in.Body), Admin: me.Admin.ID}
	author := me.Admin
	switch {
	case in.Author != "":
		if author, err = s.dir.Admin(ctx, in.Author); err != nil {
			return nil, toolerr.At(err, "author")
		}
	case s.call.Person.VouchedEmail() != "":
		admins, err := s.lists.Admins.Get(ctx)
		var upstream *intercom.Error
		if errors.As(err, &upstream) && upstream.Kind() == intercom.KindScope {
			return note, nil // this token may not know who the teammates are
		}
		if err != nil {
			return nil, err
		}
		for _, admin := range admins {
			if strings.EqualFold(admin.Email, s.call.Person.VouchedEmail()) {
				author = admin
			}
		}
	}
	if author.ID != me.Admin.ID {
		note.Admin, note.Author = author.ID, cmp.Or(strings.ToLower(author.Email), author.ID)
	}
	return note, nil
}

// signAsAllowed has the owner of the access token sign a note that the policy denies as the teammate who the caller is,
// unless it denies that as well.
func signAsAllowed(ctx context.Context, s *session, d *draft) error {
	c := d.change(s)
	known := gather(ctx, s, &c)
	recent, err := s.store.Recent(ctx, c, time.Now())
	if err != nil || s.decide(known, &c, recent, nil).Verdict != policy.Deny {
		return err
	}
	me, err := s.lists.Me.Get(ctx)
	if err != nil {
		return err
	}
	as := d.items[0].Patch.Note
	d.items[0].Patch.Note = &change.Note{Body: as.Body, Admin: me.Admin.ID}
	if c = d.change(s); s.decide(known, &c, recent, nil).Verdict == policy.Deny {
		d.items[0].Patch.Note = as // it is denied for another reason
		return nil
	}
	s.note("signed by the token's owner: the policy denies notes as %s", text.Clean(as.Author))
	return nil
}
