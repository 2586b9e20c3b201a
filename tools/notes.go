package tools

import (
	"context"

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
	got, err := render.Collect(from, in.Limit, func(at render.Position) (intercom.Page[intercom.Note], error) {
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
	// teammate's e-mail; default: the token's owner
	Author string `json:"author,omitempty"`
	// even if it was just written
	AllowDuplicate bool `json:"allow_duplicate,omitempty"`
}

// addNote plans to add an internal note to a contact.
func addNote(ctx context.Context, s *session, in AddNoteInput) (*draft, error) {
	if text.FromHTML(text.FromPlain(in.Body)) == "" {
		return nil, toolerr.New(toolerr.InvalidArgument, "body: the note is empty.", "Write its text.")
	}
	contact, err := s.dir.Contact(ctx, in.Contact)
	if err != nil {
		return nil, err
	}
	author, err := noteAuthor(ctx, s, in.Author)
	if err != nil {
		return nil, err
	}
	d := &draft{verb: "add a note to", irreversible: "Intercom has no way to edit or delete a note.",
		once: !in.AllowDuplicate}
	note := change.Note{Body: text.FromPlain(in.Body), Admin: author}
	item := s.view.Mask.Item(contact, change.Patch{Op: change.AddNote, Note: &note})
	item.Before.Notes, err = s.planner().NotesLike(ctx, contact.ID, &note)
	d.items = []change.Item{item}
	return d, err
}

// noteAuthor resolves who a note is by: Intercom wants an admin's id.
func noteAuthor(ctx context.Context, s *session, text string) (string, error) {
	if text != "" {
		admin, err := s.dir.Admin(ctx, text)
		if err != nil {
			return "", toolerr.At(err, "author")
		}
		return admin.ID, nil
	}
	me, err := s.lists.Me.Get(ctx)
	return me.Admin.ID, err
}
