package tools

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
)

// maxShown is how many contacts a note or an error names of those that only show what is looked for.
const maxShown = 5

// findShown finds the contacts that show what a selection looks for, though Intercom's search does not find them: those
// of one page of who may, but for who was found. It reports whether there was no other page.
func findShown(ctx context.Context, find *search.Searcher, sel *search.Selection, sort intercom.Sort,
	found func(id string) bool) (shown []intercom.Contact, whole bool, err error) {
	wide := find.AsShown(sel)
	if wide == nil {
		return nil, false, nil
	}
	page, err := wide.Page(ctx, find.Dir.Client, sort, intercom.PageOptions{PerPage: directory.PageOfContacts})
	if err != nil {
		return nil, false, err
	}
	for i := range page.Items {
		holds, err := find.Matches(ctx, wide, &page.Items[i])
		if err != nil {
			return nil, false, err
		}
		if holds && !found(page.Items[i].ID) {
			shown = append(shown, page.Items[i])
		}
	}
	return shown, page.Next == "", nil
}

// addShown adds to all whom Intercom's search found those who only show what is looked for, and tells of them.
func (t *contactTable) addShown(ctx context.Context, sel *search.Selection, page contactPage,
	got *render.Collected[intercom.Contact]) error {
	nobody := len(got.Rows) == 0
	if !nobody && !sel.ByName() {
		return nil
	}
	shown, whole, err := findShown(ctx, t.find, sel, page.sort, got.Has)
	if err != nil {
		return err
	}
	switch {
	case nobody && len(shown) == 0:
		t.note("if characters hide in a name, a part of it finds it: ~")
	case nobody:
		t.note("Intercom's search finds nobody just so; these show so, but something in their texts does not show")
	case len(shown) > 0:
		t.note("%d more by what shows alone: something in their texts does not show", len(shown))
	}
	switch {
	case nobody && !whole:
		got.Total = -1
	case got.Total >= 0:
		got.Total += len(shown)
	}
	room := min(len(shown), page.limit-len(got.Rows))
	if rest := shown[room:]; len(rest) > 0 {
		t.note("not in these rows: %s", listIDs(rest))
	}
	got.Add(shown[:room])
	return nil
}

// listIDs names the first of some contacts.
func listIDs(contacts []intercom.Contact) string {
	var ids []string
	for i := range contacts {
		ids = append(ids, contacts[i].ID)
	}
	return text.ListFew(ids, maxShown)
}
