package directory

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// objectID is the form of Intercom's ids of contacts, companies and segments.
var objectID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{24}$`) })

// maxReference bounds a reference: longer ones name nothing.
const maxReference = 500

// reference is a written reference, taken apart: one of id, key or name.
type reference struct {
	ID   string // Intercom id
	app  string // the workspace of the URL that the id came from, "" if it tells none
	Key  string // external_id or company_id
	Name string // e-mail or name
}

// trim takes off what is pasted along around a text: blanks, and what cannot be seen and belongs to no writing.
func trim(str string) string {
	return strings.TrimFunc(str, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
	})
}

// ParseReference reads what an agent may write for a record: an Intercom id, prefix:key, a URL of Intercom's own pages
// whose path holds one of segments, or a name.
func ParseReference(str, prefix string, segments ...string) (reference, error) {
	str = trim(str)
	switch {
	case str == "":
		return reference{}, toolerr.New(toolerr.InvalidArgument, "The reference is empty.",
			"Write an id, a name or an e-mail.")
	case len(str) > maxReference:
		return reference{}, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The reference is %d bytes long.", len(str)),
			"Write an id, a name or an e-mail.")
	case str != text.Clean(str):
		return reference{}, toolerr.New(toolerr.InvalidArgument, "The reference contains control or invisible characters.",
			"Write it plainly.")
	case objectID().MatchString(strings.ToLower(str)):
		return reference{ID: strings.ToLower(str)}, nil
	case strings.HasPrefix(str, "https://"):
		return parseURL(str, segments)
	}
	if key, ok := strings.CutPrefix(str, prefix+":"); ok {
		switch key = strings.TrimSpace(key); key {
		case "":
			return reference{}, toolerr.New(toolerr.InvalidArgument, prefix+": is followed by nothing.",
				"Write the key behind the colon.")
		case ".", "..":
			return reference{}, toolerr.New(toolerr.InvalidArgument, str+" would change the path of the request.",
				"Use the record's Intercom id.")
		}
		return reference{Key: key}, nil
	}
	return reference{Name: str}, nil
}

// parseURL reads the id out of a page's address, such as
// https://app.intercom.com/a/apps/abc/users/6762f0d01bb69f9f2193bb7d/all-conversations.
func parseURL(text string, segments []string) (reference, error) {
	refused := toolerr.New(toolerr.InvalidArgument, "The URL is not the page of such a record in Intercom.",
		"Paste the address of its page, or its id.")
	address, err := url.Parse(text)
	if err != nil {
		return reference{}, refused
	}
	host := address.Hostname()
	if host != "intercom.com" && !strings.HasSuffix(host, ".intercom.com") && !strings.HasSuffix(host, ".intercom.io") {
		return reference{}, refused
	}
	path := strings.Split(address.Path, "/")
	app := ""
	for i := 0; i+1 < len(path); i++ {
		if path[i] == "apps" && path[i+1] != "_" { // which stands for the reader's own
			app = path[i+1]
		}
		for _, segment := range segments {
			if path[i] == segment && objectID().MatchString(path[i+1]) {
				return reference{ID: path[i+1], app: app}, nil
			}
		}
	}
	return reference{}, refused
}

// checkWorkspace refuses the page of a record in another workspace. Where Intercom does
// not tell which workspace this is, the id decides.
func (r *Resolver) checkWorkspace(ctx context.Context, ref reference) error {
	if ref.app == "" {
		return nil
	}
	me, err := r.Lists.Me.Get(ctx)
	if err != nil || me.App.ID == "" || me.App.ID == ref.app {
		return nil
	}
	return toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The URL is of another workspace, %q; this is %s.",
		text.Clip(text.Clean(ref.app), 40), text.Clip(text.Clean(me.App.ID), 40)),
		"Paste the address of a page in this workspace.")
}

// Contact resolves one contact reference and reads the contact.
func (r *Resolver) Contact(ctx context.Context, str string) (*intercom.Contact, error) {
	ref, err := ParseContact(str)
	if err != nil {
		return nil, err
	}
	if err := r.checkWorkspace(ctx, ref); err != nil {
		return nil, err
	}
	switch {
	case ref.ID != "":
		c, err := r.Client.Contacts.Get(ctx, ref.ID)
		return &c, r.MissingContact(err, str)
	case ref.Key != "":
		c, err := r.Client.Contacts.FindByExternalID(ctx, ref.Key)
		return &c, r.MissingContact(err, str)
	}
	return r.byEmail(ctx, ref.Name)
}

// howToName says what a contact reference is.
const howToName = "Write an Intercom id (24 hex), an e-mail, external_id:… or the contact's URL"

// ParseContact reads a contact reference, whose name is an e-mail.
func ParseContact(str string) (reference, error) {
	ref, err := ParseReference(plainEmail(str), "external_id", "users", "contacts", "leads", "people")
	if err == nil && ref.Name != "" && !strings.Contains(ref.Name, "@") {
		err = toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("%q is no contact reference.", text.Clip(text.Clean(str), 60)),
			howToName+"; search_contacts finds people by name.").OrByHand(
			howToName + "; 'intercom-mcp call search_contacts' finds people by name.")
	}
	return ref, err
}

// Identity is the field, email or external_id, that a contact reference names a contact by, and its value; "" for an
// id, and for what is no reference.
func Identity(str string) (field, value string) {
	ref, err := ParseContact(str)
	switch {
	case err != nil:
	case ref.Key != "":
		return "external_id", ref.Key
	case ref.Name != "":
		return "email", strings.ToLower(ref.Name)
	}
	return "", ""
}

// plainEmail is the e-mail in a link to it, or in an address with a name as mail programs write it; anything else stays
// as it is.
func plainEmail(str string) string {
	str = trim(str)
	if link, err := url.Parse(str); err == nil && strings.EqualFold(link.Scheme, "mailto") {
		if plain, err := url.PathUnescape(link.Opaque); err == nil {
			return plain
		}
	}
	if strings.HasSuffix(str, ">") {
		if address, err := mail.ParseAddress(str); err == nil {
			return address.Address
		}
	}
	return str
}

// MissingContact words the error of a contact that was not found, or that was merged into another.
func (r *Resolver) MissingContact(err error, str string) error {
	var upstream *intercom.Error
	if !errors.As(err, &upstream) || !Gone(err) {
		return err
	}
	if upstream.Kind() == intercom.KindMerged {
		toolErr := toolerr.MergedInto(upstream, str)
		toolErr.RequestID = upstream.RequestID
		return toolErr
	}
	toolErr := toolerr.New(toolerr.NotFound, fmt.Sprintf("There is no contact %q.", text.Clip(text.Clean(str), 60)),
		"Archived: unarchive_contacts by id; else search_contacts.")
	toolErr.RequestID = upstream.RequestID
	return toolErr
}

// byEmail finds the one contact with an e-mail.
func (r *Resolver) byEmail(ctx context.Context, email string) (*intercom.Contact, error) {
	page, err := r.Client.Contacts.Search(ctx, intercom.SearchRequest{
		Query: intercom.Filter{Field: "email", Operator: "=", Value: strings.ToLower(email)}, PerPage: 10})
	if err != nil {
		return nil, err
	}
	return r.oneByEmail(ctx, email, page.Items)
}

// oneByEmail is the one contact of those that a search shows with an e-mail; where there are none, the one whose e-mail
// shows so.
func (r *Resolver) oneByEmail(ctx context.Context, email string, found []intercom.Contact) (*intercom.Contact, error) {
	if len(found) == 0 {
		var err error
		if found, err = r.shownEmails.search(ctx, r.Client, email); err != nil {
			return nil, err
		}
	}
	switch len(found) {
	case 0:
		return nil,
			toolerr.New(toolerr.NotFound, fmt.Sprintf("No contact has the e-mail %q.", text.Clip(text.Clean(email), 80)),
				"A contact made in the last minutes is found by id or external_id: alone, an archived one by id, with "+
					"unarchive_contacts.")
	case 1:
		return r.verifyEmail(ctx, found[0].ID, email)
	}
	return nil, r.Ambiguous(email, found)
}

// verifyEmail reads a contact that a search found by its e-mail. The search may lag behind; the record itself does not.
func (r *Resolver) verifyEmail(ctx context.Context, id, email string) (*intercom.Contact, error) {
	c, err := r.Client.Contacts.Get(ctx, id)
	if err != nil {
		return nil, r.MissingContact(err, email)
	}
	if err := c.Unread("email"); err != nil {
		return nil, err
	}
	if !showsLike(&c, email) {
		return nil, toolerr.New(toolerr.NotFound, fmt.Sprintf("%s had the e-mail %q until lately, and has another now.", c.ID,
			text.Clip(text.Clean(email), 80)), "Use the id if that contact is meant.")
	}
	if text.Hides(c.Email) {
		r.Warn(fmt.Sprintf("the e-mail of %s shows as %q, but holds characters that do not show", c.ID,
			text.Clip(text.Clean(email), 80)))
	}
	return &c, nil
}

// Ambiguous lists the contacts that a reference could mean.
func (r *Resolver) Ambiguous(str string, candidates []intercom.Contact) *toolerr.Error {
	var lines []string
	var ids []string
	for _, c := range candidates {
		line := c.ID + " (" + c.Role
		if c.Name != "" {
			line += " " + text.Quote(text.Clip(r.Mask("name", text.Clean(c.Name)), 40))
		}
		if c.ExternalID != "" {
			line += ", external_id " + text.Quote(text.Clip(r.Mask("external_id", text.Clean(c.ExternalID)), 40))
		}
		lines = append(lines, line+")")
		ids = append(ids, c.ID)
	}
	return toolerr.New(toolerr.Ambiguous, fmt.Sprintf("%d contacts share %q: %s.", len(candidates),
		text.Clip(text.Clean(str), 80), strings.Join(lines, "; ")),
		"Use one of the ids.").With("candidates", ids)
}

// Resolver turns what an agent writes for a record into the record. Mask hides what the policy hides of a contact's
// field in an error that lists candidates, Note adds a remark to the answer. It is for one call.
type Resolver struct {
	Client *intercom.Client
	Lists  *Lists
	Mask   func(field, text string) string
	Note   func(format string, args ...any)
	// Warn tells something to the agent, and to whoever is asked about what the call plans, once.
	Warn func(text string)
	// CreatesTags tells that create_tag is offered.
	CreatesTags bool

	shownEmails shownEmails
}
