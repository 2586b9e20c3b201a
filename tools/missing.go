package tools

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// missing says what becomes of references to contacts that there are not. At most one of them is set; without, such a
// reference is an error.
type missing struct{ skip, create bool }

// check refuses what cannot be meant, or may not be done.
func (m missing) check(s *session) error {
	switch {
	case m.skip && m.create:
		return toolerr.New(toolerr.InvalidArgument, "skip_missing and create_missing exclude each other.", "Decide for one.")
	case m.create && !s.offers.create:
		return toolerr.New(toolerr.PolicyDenied, "create_missing creates as "+createdBy+
			", which this server does not offer.", "Nothing was changed; leave create_missing out.")
	}
	return nil
}

// namedContact is a contact that a call names.
type namedContact struct {
	index   int               // of the reference
	contact *intercom.Contact // nil for one that is to be created
	field   string            // of such a one: email or external_id, and its value
	value   string
}

// key tells a contact from the others of a call.
func (n *namedContact) key() string {
	if n.contact != nil {
		return n.contact.ID
	}
	return n.field + ":" + n.value
}

// resolve finds the contacts that references mean, one by one and in their order. Those that mean none are left out, or
// created, as the caller chose, or gathered as bad; those that cannot be read are left out of the draft.
func resolve(ctx context.Context, s *session, d *draft, texts []string, place func(i int) string, m missing,
	bad *toolerr.Several) ([]namedContact, error) {
	if err := m.check(s); err != nil {
		return nil, err
	}
	var skipped []string
	created := make(map[int]namedContact)
	contacts, err := s.dir.ResolveEach(ctx, texts, func(i int, err error) error {
		var toolErr *toolerr.Error
		unknown := errors.As(err, &toolErr) && toolErr.Code == toolerr.NotFound
		switch field, value := directory.Identity(texts[i]); {
		case d.leaveOut(err):
		case unknown && m.skip:
			if name := text.Clip(text.Clean(strings.TrimSpace(texts[i])), 60); !containsFold(skipped, name) {
				skipped = append(skipped, name)
			}
		case unknown && m.create && field != "":
			created[i] = namedContact{index: i, field: field, value: value}
		case unknown && m.create:
			return bad.Add(place(i), toolerr.New(toolerr.NotFound, toolErr.Message,
				"Only who is named by e-mail or external_id: can be created."))
		default:
			return bad.Add(place(i), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []namedContact
	for i, c := range contacts {
		if c != nil {
			list = append(list, namedContact{index: i, contact: c})
		} else if n, ok := created[i]; ok {
			list = append(list, n)
		}
	}
	if len(skipped) > 0 {
		s.warn("left out " + text.Plural(len(skipped), "unknown contact") + ": " + text.ListFew(skipped, skippedNamed))
		if len(list) == 0 && bad.Len() == 0 {
			return nil, toolerr.New(toolerr.NotFound, "None of the contacts is known.", "Look for them with search_contacts.")
		}
	}
	return list, nil
}

// containsFold reports whether a list has a word, in whatever case.
func containsFold(list []string, word string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return strings.EqualFold(other, word) })
}

// skippedNamed is how many references are named that are left out.
const skippedNamed = 5

// planNamed adds a contact that is to receive patch: one that is there, or a new one.
func planNamed(ctx context.Context, s *session, d *draft, n *namedContact, patch change.Patch,
	from engine.Source) error {
	if n.contact != nil {
		return planContact(ctx, s, d, n.contact, patch, from)
	}
	item, err := missingItem(s, n.field, n.value, patch)
	if err != nil {
		return err
	}
	d.items = append(d.items, item)
	return nil
}

// missingItem plans a contact that is to be made under the identity that it was not found by.
func missingItem(s *session, field, value string, patch change.Patch) (change.Item, error) {
	if given, ok := patch.Set[field]; ok && given != value {
		return change.Item{}, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf(
			"set.%s: %q is not what the contact that is to be created is named by.", field,
			text.Clip(text.Clean(fmt.Sprint(given)), 60)), "Leave it out, or name the contact by it.")
	}
	patch.Set = maps.Clone(patch.Set)
	if patch.Set == nil {
		patch.Set = make(map[string]any)
	}
	patch.Set[field] = value
	patch.RemoveTags, patch.RemoveCompanies = nil, nil // of which a new one has none
	return newContactItem(s, patch)
}

// tellCreated says in the preview how many contacts of a draft are to be created: by its verb, where all are.
func (d *draft) tellCreated() {
	n := 0
	for i := range d.items {
		if d.items[i].Patch.Traits().CreatesContact() {
			n++
		}
	}
	switch {
	case n == 0:
	case n == len(d.items):
		d.verb = "create"
	default:
		d.sideEffects = append(d.sideEffects, text.Plural(n, "contact")+" of them will be created.")
	}
}
