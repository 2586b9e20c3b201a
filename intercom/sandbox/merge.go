package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// mergeRequest is a merge of one contact into another.
type mergeRequest struct {
	from, into *contact
	skipCheck  bool // merge although they share nothing
	users      bool // both are users, and the workspace merges those
}

// parseMerge reads the body of a merge and of its preview.
func (q *request) parseMerge() (m mergeRequest, err *apiError) {
	keys := []string{"from", "into"}
	if q.version >= v216 {
		keys = append(keys, "skip_duplicate_validation")
	}
	if err := q.only(keys...); err != nil {
		return m, err
	}
	if m.from, err = q.mergeSide("from"); err != nil {
		return m, err
	}
	if m.into, err = q.mergeSide("into"); err != nil {
		return m, err
	}
	if raw, ok := q.body.given("skip_duplicate_validation"); ok {
		if m.skipCheck, ok = truth(raw); !ok {
			return m, invalidField("skip_duplicate_validation")
		}
	}
	m.users = m.from.Role == "user" && m.into.Role == "user" && m.from != m.into &&
		q.version == preview && q.space.merging
	if m.users && m.skipCheck {
		return m, fail(http.StatusBadRequest, "parameter_not_allowed",
			"skip_duplicate_validation is not allowed when merging two users")
	}
	return m, nil
}

func (q *request) mergeSide(key string) (*contact, *apiError) {
	raw, ok := q.body.given(key)
	if !ok {
		return nil, missingField(key)
	}
	id, _ := text(raw)
	return q.space.contacts.find(id)
}

// refusal is why a merge is not allowed: the code that a preview gives as its
// reason, and the error of the merge itself. An empty code allows it.
func (m mergeRequest) refusal(v version) (reason string, err *apiError) {
	invalid := func(message string) *apiError {
		return &apiError{status: http.StatusBadRequest, code: "invalid_merge", message: message, bare: true}
	}
	switch {
	case m.from == m.into, m.into.Role != "user", m.from.Role != "lead" && !m.users:
		return "invalid_merge_role_pair", invalid("Merging can only be performed on a lead into a user")
	case m.users && !m.duplicates():
		return "u2u_no_shared_identifier", fail(http.StatusUnprocessableEntity, "unprocessable_entity",
			"Users can only be merged when they share an email or phone")
	case m.users && m.from.WhatsApp:
		return "source_has_whatsapp_data", fail(http.StatusUnprocessableEntity, "unprocessable_entity",
			"A user with WhatsApp data can't be merged into another user yet")
	case m.users:
		return "", nil
	case v >= v216 && !m.skipCheck && !m.duplicates():
		return "no_shared_identifier", invalid("Contacts can only be merged when they are duplicates " +
			"(matching email or phone). Pass skip_duplicate_validation=true to override this check.")
	}
	return "", nil
}

// LinkWhatsApp gives a contact WhatsApp data, on account of which Intercom does not merge it into another user. It
// panics where there is no such contact.
func (s *Sandbox) LinkWhatsApp(id string) {
	s.locked(func(w *workspace) { w.contacts.byID[id].WhatsApp = true })
}

// duplicates reports whether the two share an e-mail or a phone number.
func (m mergeRequest) duplicates() bool {
	return m.from.Email != "" && strings.EqualFold(m.from.Email, m.into.Email) ||
		m.from.Phone != "" && m.from.Phone == m.into.Phone
}

// mergeContacts is POST /contacts/merge. It answers with the contact that remains.
func mergeContacts(q *request) (any, *apiError) {
	m, err := q.parseMerge()
	if err != nil {
		return nil, err
	}
	for _, side := range []*contact{m.from, m.into} {
		if err := q.space.contacts.failing[side.ID]; err != nil {
			return nil, err
		}
	}
	if _, err := m.refusal(q.version); err != nil {
		return nil, err
	}
	q.edit().merge(m)
	return view{q}.contact(&m.into.Contact), nil
}

// merge moves everything of one contact to the other and retires it.
func (e edit) merge(m mergeRequest) {
	from, into := m.from, m.into
	e.space.contacts.touch(from, e.at)
	e.space.contacts.touch(into, e.at)
	for _, at := range mergedTexts {
		orElse(at(&into.Contact), *at(&from.Contact))
	}
	into.CustomAttributes = adopted(into.CustomAttributes, from.CustomAttributes)
	for _, id := range from.TagIDs {
		if !slices.Contains(into.TagIDs, id) {
			e.addTag(into, e.space.tags.byID(id))
		}
	}
	for _, id := range from.CompanyIDs {
		if !slices.Contains(into.CompanyIDs, id) {
			into.CompanyIDs = append(slices.Clone(into.CompanyIDs), id)
		}
	}
	e.space.notes.move(from.ID, into.ID)
	into.merges = slices.Concat(into.merges, from.merges, []merge{{from.ID, from.Role, e.now()}})
	slices.SortStableFunc(into.merges, func(a, b merge) int { return cmp.Compare(a.At, b.At) })
	from.MergedInto = into.ID
}

// mergedTexts are the fields that the remaining contact adopts where it has none, by the names that a preview uses.
var mergedTexts = map[string]func(*Contact) *string{
	"name":              func(c *Contact) *string { return &c.Name },
	"email":             func(c *Contact) *string { return &c.Email },
	"phone":             func(c *Contact) *string { return &c.Phone },
	"external_id":       func(c *Contact) *string { return &c.ExternalID },
	"avatar":            func(c *Contact) *string { return &c.Avatar },
	"owner_id":          func(c *Contact) *string { return &c.OwnerID },
	"language_override": func(c *Contact) *string { return &c.LanguageOverride },
}

// adopted are the custom attributes of a contact with those of another that it lacks.
func adopted(own, other map[string]any) map[string]any {
	lacking := make(attributeValues)
	for name, value := range other {
		if _, ok := own[name]; !ok {
			lacking[name] = value
		}
	}
	return lacking.applied(own)
}

// listMergeHistory is GET /contacts/{id}/merge_history; only users have one.
func listMergeHistory(q *request) (any, *apiError) {
	c, err := q.space.contacts.find(q.vars["id"])
	if err != nil || c.Role != "user" {
		return nil, fail(http.StatusNotFound, "not_found", "Contact not found")
	}
	size, err := perPage(q.query.Get("per_page"), relationPage, maxRelationPage)
	if err != nil {
		return nil, err
	}
	rows := mergesJSON(c.merges)
	switch order := q.query.Get("order"); order {
	case "", "desc":
		slices.Reverse(rows)
	case "asc":
	default:
		return nil, invalidField("order")
	}
	if given := q.query.Get("cursor"); given != "" {
		after, err := parseCursor(given)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(rows, func(m mergeJSON) bool { return m.SourceID == after.id })
		if i < 0 {
			return nil, errBadCursor
		}
		rows = rows[i+1:]
	}
	out := mergeHistoryJSON{Type: "list", Data: rows, HasMore: len(rows) > size}
	if out.HasMore {
		out.Data = rows[:size]
		out.Next = cursor{nil, rows[size-1].SourceID, 2}.encode()
	}
	return out, nil
}

// mergeHistoryJSON is a page of merges; the cursor is absent at the end.
type mergeHistoryJSON struct {
	Type    string      `json:"type"`
	Data    []mergeJSON `json:"data"`
	Next    string      `json:"next_cursor,omitempty"`
	HasMore bool        `json:"has_more"`
}
