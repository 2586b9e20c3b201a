package tools

import (
	"context"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
)

// contactReadTools are the tools for the reading of one contact.
func contactReadTools() []Tool {
	return []Tool{
		{
			Name: "get_contact", Title: "Get a contact", Set: contactSet, Effect: policy.Read, Run: reads(getContact),
			Doc: "Read one contact; notes and segments on request.",
		},
	}
}

// Part is something of a contact that get_contact shows only when asked.
type Part string

// Enum lists the parts.
func (Part) Enum() []string { return []string{"notes", "segments", "all_fields"} }

// GetContactInput names a contact.
type GetContactInput struct {
	// Intercom id, e-mail, external_id:… or URL
	Contact string `json:"contact"`
	// what to show besides
	Include []Part `json:"include,omitempty"`
}

// ContactDetail is one contact, without what is empty. Times are ISO 8601.
type ContactDetail struct {
	ID                     string            `json:"id"`
	Role                   string            `json:"role"`
	Name                   string            `json:"name,omitempty"`
	Email                  string            `json:"email,omitempty"`
	Phone                  string            `json:"phone,omitempty"`
	ExternalID             string            `json:"external_id,omitempty"`
	Owner                  string            `json:"owner,omitempty"`
	Location               string            `json:"location,omitempty"`
	Language               string            `json:"language_override,omitempty"`
	CreatedAt              string            `json:"created_at,omitempty"`
	SignedUpAt             string            `json:"signed_up_at,omitempty"`
	LastSeenAt             string            `json:"last_seen_at,omitempty"`
	LastRepliedAt          string            `json:"last_replied_at,omitempty"`
	LastContactedAt        string            `json:"last_contacted_at,omitempty"`
	UnsubscribedFromEmails bool              `json:"unsubscribed_from_emails,omitempty"`
	HasHardBounced         bool              `json:"has_hard_bounced,omitempty"`
	MarkedEmailAsSpam      bool              `json:"marked_email_as_spam,omitempty"`
	CustomAttributes       map[string]any    `json:"custom_attributes,omitempty"`
	Tags                   []string          `json:"tags,omitempty"`
	Companies              []string          `json:"companies,omitempty"`
	NoteCount              int               `json:"note_count,omitempty"`
	Notes                  []string          `json:"notes,omitempty"`
	Segments               []string          `json:"segments,omitempty"`
	Other                  map[string]string `json:"other,omitempty"`
	Note                   string            `json:"note,omitempty"`
}

// AddNote adds a remark to the answer.
func (d *ContactDetail) AddNote(note string) { d.Note = text.JoinNotes(d.Note, note) }

const (
	maxDetail    = 500 // characters of one text of a contact
	maxListed    = 25  // names in a list of a contact
	maxAttribute = 40  // custom attributes shown
)

// getContact shows one contact.
func getContact(ctx context.Context, s *session, in GetContactInput) (*ContactDetail, error) {
	r := newDetailReader(s)
	c, err := r.dir.Contact(ctx, in.Contact)
	if err != nil {
		return nil, sayWhatRemoved(ctx, s, in.Contact, err)
	}
	d := r.detail(c)
	if err := leaveOutLate(ctx, s, r.addNames(ctx, d, c), "owner, tags and companies"); err != nil {
		return nil, err
	}
	d.CustomAttributes = r.attributeValues(ctx, r.dir.Lists.ContactAttributes, c.CustomAttributes, r.mask.Visible)
	for i, part := range in.Include {
		if slices.Contains(in.Include[:i], part) {
			continue
		}
		switch part {
		case "notes":
			err = r.addNotes(ctx, d, c)
		case "segments":
			err = r.addSegments(ctx, d, c)
		case "all_fields":
			r.addOther(d, c)
		}
		if err := leaveOutLate(ctx, s, err, string(part)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// detailReader reads and shows what one contact or company holds.
type detailReader struct {
	client *intercom.Client
	dir    *directory.Resolver
	mask   *render.Mask
	note   func(format string, args ...any) // adds a remark to the answer
	clean  *text.Cleaner
}

func newDetailReader(s *session) *detailReader {
	return &detailReader{client: s.client, dir: s.dir, mask: s.mask, note: s.note, clean: &s.cleaner}
}

// shown cleans a text, and cuts it to so many columns.
func (r *detailReader) shown(str string, most int) string { return text.Clip(r.clean.Clean(str), most) }

// value writes a value of a field, as far as it is visible.
func (r *detailReader) value(visible any) string {
	if str, ok := visible.(string); ok {
		return r.shown(str, maxDetail)
	}
	return record.Scalar(visible)
}

// detail shows the contact's own fields.
func (r *detailReader) detail(c *intercom.Contact) *ContactDetail {
	show := func(field, str string) string {
		return r.value(r.mask.Visible(field, str))
	}
	when := func(field string, t intercom.Time) string {
		if t.IsZero() {
			return ""
		}
		return r.value(r.mask.Visible(field, t))
	}
	flag := func(field string, set bool) bool { return set && !r.mask.Policy.Masks(field) }
	var place []string
	for _, part := range []struct{ field, text string }{
		{"location.city", c.Location.City}, {"location.region", c.Location.Region}, {"location.country", c.Location.Country},
	} {
		if name := show(part.field, part.text); name != "" && !slices.Contains(place, name) {
			place = append(place, name)
		}
	}
	return &ContactDetail{
		ID: c.ID, Role: c.Role, Name: show("name", c.Name), Email: show("email", c.Email), Phone: show("phone", c.Phone),
		ExternalID: show("external_id", c.ExternalID), Location: strings.Join(place, ", "),
		Language:  show("language_override", c.LanguageOverride),
		CreatedAt: when("created_at", c.CreatedAt), SignedUpAt: when("signed_up_at", c.SignedUpAt),
		LastSeenAt:    when("last_seen_at", c.LastSeenAt),
		LastRepliedAt: when("last_replied_at", c.LastRepliedAt), LastContactedAt: when("last_contacted_at",
			c.LastContactedAt),
		UnsubscribedFromEmails: flag("unsubscribed_from_emails", c.UnsubscribedFromEmails),
		HasHardBounced:         flag("has_hard_bounced", c.HasHardBounced), MarkedEmailAsSpam: flag("marked_email_as_spam",
			c.MarkedEmailAsSpam),
		NoteCount: c.Notes.Total,
	}
}

// addNames adds what a contact carries as ids: owner, tags and companies.
func (r *detailReader) addNames(ctx context.Context, d *ContactDetail, c *intercom.Contact) error {
	owner, err := r.dir.OwnerName(ctx, c.OwnerID)
	if err != nil {
		return err
	}
	d.Owner = r.mask.Policy.Mask("owner_id", owner)
	tags, err := r.dir.TagNames(ctx, c)
	if err != nil {
		return err
	}
	d.Tags = r.listed("tags", tags)
	companies, err := r.dir.ShownCompanyNames(ctx, c)
	if err != nil {
		return err
	}
	d.Companies = r.listed("companies", companies)
	return nil
}

// listed cleans names, and cuts a long list with a note.
func (r *detailReader) listed(what string, list []string) []string {
	total := len(list)
	list = list[:min(total, maxListed)]
	for i, name := range list {
		list[i] = r.shown(name, 60)
	}
	if total > maxListed {
		r.note("%d of %d %s shown", maxListed, total, what)
	}
	return list
}

// attributeValues shows custom attributes: dates as ISO 8601, objects left out.
// list has their types; visible shows a value as far as it may be shown.
func (r *detailReader) attributeValues(ctx context.Context, list *directory.Cached[[]intercom.DataAttribute],
	values map[string]any, visible func(field string, value any) any) map[string]any {
	kinds := make(map[string]record.Kind, len(values))
	if all, err := list.Get(ctx); err == nil {
		for i := range all {
			if a := &all[i]; a.Custom && values[a.Name] != nil {
				kinds[a.Name] = record.AttributeKind(a)
			}
		}
	} else {
		r.note("dates in custom_attributes are Unix seconds, since the attributes' types could not be read")
	}
	shown := make(map[string]any, min(len(values), maxAttribute))
	hidden := 0
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if _, object := value.(map[string]any); object || value == nil {
			continue
		}
		if len(shown) == maxAttribute {
			hidden++
			continue
		}
		shown[r.shown(name, 100)] = r.attributeValue(kinds[name], visible(directory.CustomPrefix+name, value))
	}
	if hidden > 0 {
		r.note("%d more custom attributes are not shown", hidden)
	}
	return shown
}

// attributeValue shows a custom attribute's value.
func (r *detailReader) attributeValue(k record.Kind, value any) any {
	if k == record.KindTime {
		if t, ok := record.AsTime(value); ok {
			return intercom.Unix(t.Unix()).String()
		}
	}
	if str, ok := value.(string); ok {
		return r.shown(str, maxDetail)
	}
	return value
}

// addNotes adds the newest notes, as text.
func (r *detailReader) addNotes(ctx context.Context, d *ContactDetail, c *intercom.Contact) error {
	page, err := r.client.Notes.OfContact(ctx, c.ID, intercom.PageOptions{PerPage: 10})
	if err != nil {
		return err
	}
	for _, n := range page.Items {
		d.Notes = append(d.Notes, n.CreatedAt.String()+" "+r.shown(n.Author.Name, 60)+": "+
			text.Clip(r.clean.FromHTML(n.Body), maxDetail))
	}
	return nil
}

// addSegments adds the segments by name.
func (r *detailReader) addSegments(ctx context.Context, d *ContactDetail, c *intercom.Contact) error {
	segments, err := r.client.Contacts.Segments(ctx, c.ID)
	if err != nil {
		return err
	}
	var list []string
	for _, segment := range segments {
		list = append(list, segment.Name)
	}
	d.Segments = r.listed("segments", list)
	return nil
}

// addOther adds the standard fields that are not shown by default.
func (r *detailReader) addOther(d *ContactDetail, c *intercom.Contact) {
	d.Other = make(map[string]string)
	for _, name := range []string{"email_domain", "updated_at", "last_email_opened_at", "last_email_clicked_at", "browser",
		"os", "avatar"} {
		for i := range record.ContactFields {
			if f := &record.ContactFields[i]; f.Name == name {
				if value := f.Get(c); value != nil {
					d.Other[name] = r.value(r.mask.Visible(name, value))
				}
			}
		}
	}
}
