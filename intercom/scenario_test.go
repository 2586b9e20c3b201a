package intercom_test

import (
	"context"
	"iter"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// versions are the API versions that must make no difference to a caller.
var versions = []string{"2.10", "2.14", "2.15", "2.16", "2.17", "Preview"}

// open starts a sandbox and a client that speaks a version to it in process.
func open(t *testing.T, options sandbox.Options, version string) (*intercom.Client, *sandbox.Sandbox) {
	t.Helper()
	sb := sandbox.New(options)
	c, err := intercom.New(intercom.Config{Token: "any", Version: version, Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	return c, sb
}

// eachVersion runs a test once per API version, under a virtual clock.
func eachVersion(t *testing.T, test func(*testing.T, *intercom.Client, *sandbox.Sandbox)) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, sb := open(t, sandbox.Options{}, version)
				test(t, c, sb)
			})
		})
	}
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var items []T
	for item, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	return items
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// named is the first listed contact in the sandbox that a test accepts.
func named(t *testing.T, sb *sandbox.Sandbox, accept func(sandbox.Contact) bool) sandbox.Contact {
	t.Helper()
	found := false
	first := sb.ContactsWhere(func(c *sandbox.Contact) bool {
		if found || !accept(*c) {
			return false
		}
		found = true
		return true
	})
	if !found {
		t.Fatal("the sandbox has no such contact")
	}
	return first[0]
}

func live(c sandbox.Contact) bool { return !c.Archived && !c.Blocked && c.MergedInto == "" }

func TestListsAreComplete(t *testing.T) {
	t.Parallel()
	eachVersion(t, func(t *testing.T, c *intercom.Client, sb *sandbox.Sandbox) {
		var want []string
		for _, contact := range sb.Contacts() {
			if live(contact) {
				want = append(want, contact.ID)
			}
		}
		slices.Sort(want)
		everyone := intercom.SearchRequest{PerPage: 33, Query: intercom.Group{Operator: intercom.Or, Of: []intercom.Query{
			intercom.Filter{Field: "role", Operator: intercom.Equal, Value: "user"},
			intercom.Filter{Field: "role", Operator: intercom.Equal, Value: "lead"},
		}}}
		for name, seq := range map[string]iter.Seq2[intercom.Contact, error]{
			"list":   c.Contacts.All(t.Context(), intercom.PageOptions{PerPage: 70}),
			"search": c.Contacts.SearchAll(t.Context(), everyone),
		} {
			var got []string
			for _, contact := range collect(t, seq) {
				got = append(got, contact.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s has %d contacts, the sandbox %d", name, len(got), len(want))
			}
		}
		listed := collect(t, c.Companies.All(t.Context(), intercom.PageOptions{PerPage: 7}))
		scrolled := collect(t, c.Companies.ScrollAll(t.Context()))
		if len(listed) == 0 || len(listed) != len(scrolled) {
			t.Errorf("%d companies listed, %d scrolled", len(listed), len(scrolled))
		}
		members := collect(t, c.Companies.ContactsAll(t.Context(), listed[0].ID, intercom.PageOptions{PerPage: 3}))
		if int64(len(members)) != listed[0].UserCount {
			t.Errorf("%d members listed of %d", len(members), listed[0].UserCount)
		}
	})
}

func TestContactIsTheSameInEveryVersion(t *testing.T) {
	eachVersion(t, func(t *testing.T, c *intercom.Client, sb *sandbox.Sandbox) {
		stored := named(t, sb, func(c sandbox.Contact) bool { return live(c) && c.OwnerID != "" && c.ExternalID != "" })
		got := must[intercom.Contact](t)(c.Contacts.Get(t.Context(), stored.ID))
		if got.OwnerID != stored.OwnerID || got.Email != stored.Email || got.CreatedAt.Unix() != stored.CreatedAt ||
			got.Tags.Total != len(stored.TagIDs) {
			t.Errorf("got %+v\nstored %+v", got, stored)
		}
		found := must[intercom.Contact](t)(c.Contacts.FindByExternalID(t.Context(), stored.ExternalID))
		if diff := cmp.Diff(got, found); diff != "" {
			t.Errorf("found by external id it differs:\n%s", diff)
		}
		tagged := named(t, sb, func(c sandbox.Contact) bool { return live(c) && len(c.TagIDs) > 10 })
		many := must[intercom.Contact](t)(c.Contacts.Get(t.Context(), tagged.ID))
		tags := must[[]intercom.Tag](t)(c.Contacts.Tags(t.Context(), tagged.ID))
		if len(many.Tags.IDs) != 10 || !many.Tags.HasMore || many.Tags.Total != len(tags) {
			t.Errorf("%d of %d tags, more: %t; %d listed", len(many.Tags.IDs), many.Tags.Total, many.Tags.HasMore, len(tags))
		}
	})
}

func TestContactLife(t *testing.T) {
	eachVersion(t, func(t *testing.T, c *intercom.Client, sb *sandbox.Sandbox) {
		ctx := t.Context()
		admin, _, _ := sb.Admin()
		write := intercom.ContactWrite{Email: intercom.Value("new@acme.example"), Name: intercom.Value("New"),
			OwnerID: intercom.Value(admin)}
		created := must[intercom.Contact](t)(c.Contacts.Create(ctx, write))
		_, err := c.Contacts.Create(ctx, write)
		if e, ok := err.(*intercom.Error); !ok || e.Kind() != intercom.KindConflict || e.ConflictID != created.ID ||
			e.ConflictArchived {
			t.Errorf("created twice: %v", err)
		}
		updated := must[intercom.Contact](t)(c.Contacts.Update(ctx, created.ID,
			intercom.ContactWrite{Name: intercom.Null[string](), Phone: intercom.Value("+353 1")}))
		want := created
		want.Name, want.Phone = "", "+353 1"
		if diff := cmp.Diff(want, updated, cmpopts.IgnoreFields(intercom.Contact{}, "UpdatedAt")); diff != "" {
			t.Errorf("updated (-want +got):\n%s", diff)
		}
		note := must[intercom.Note](t)(c.Notes.AddToContact(ctx, created.ID,
			intercom.NoteWrite{Body: "Hello", AdminID: admin}))
		notes := collect(t, c.Notes.OfContactAll(ctx, created.ID, intercom.PageOptions{}))
		if note.Body != "<p>Hello</p>" || note.ContactID != created.ID || note.Author.ID != admin ||
			!cmp.Equal(notes, []intercom.Note{note}) {
			t.Errorf("note %+v, listed %+v", note, notes)
		}
		if err := c.Contacts.Archive(ctx, created.ID); err != nil {
			t.Error(err)
		}
		if _, err := c.Contacts.Get(ctx, created.ID); intercom.KindOf(err) != intercom.KindNotFound {
			t.Errorf("archived: %v", err)
		}
		_, err = c.Contacts.Create(ctx, write)
		if e, ok := err.(*intercom.Error); !ok || e.ConflictID != created.ID || !e.ConflictArchived {
			t.Errorf("created again while archived: %v", err)
		}
		if err := c.Contacts.Unarchive(ctx, created.ID); err != nil {
			t.Error(err)
		}
		if err := c.Contacts.Delete(ctx, created.ID); err != nil {
			t.Error(err)
		}
		if err := c.Contacts.Delete(ctx, created.ID); intercom.KindOf(err) != intercom.KindNotFound {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

func TestRelations(t *testing.T) {
	eachVersion(t, func(t *testing.T, c *intercom.Client, sb *sandbox.Sandbox) {
		ctx := t.Context()
		contact := must[intercom.Contact](t)(c.Contacts.Create(ctx, intercom.ContactWrite{Role: intercom.Value("lead")}))
		tag := must[intercom.Tag](t)(c.Tags.Create(ctx, "Brand new"))
		if again := must[intercom.Tag](t)(c.Tags.Create(ctx, "BRAND NEW")); again.ID != tag.ID {
			t.Errorf("the same tag is %s and %s", tag.ID, again.ID)
		}
		must[intercom.Tag](t)(c.Contacts.AddTag(ctx, contact.ID, tag.ID))
		tags := must[[]intercom.Tag](t)(c.Contacts.Tags(ctx, contact.ID))
		if len(tags) != 1 || tags[0].Name != "Brand new" || tags[0].AppliedAt.IsZero() {
			t.Errorf("tags %+v", tags)
		}
		must[intercom.Tag](t)(c.Contacts.RemoveTag(ctx, contact.ID, tag.ID))
		firm := sb.Companies()[0]
		company := must[intercom.Company](t)(c.Companies.FindByCompanyID(ctx, firm.CompanyID))
		byName := must[[]intercom.Company](t)(c.Companies.FindByName(ctx, company.Name))
		if company.ID != firm.ID || len(byName) != 1 || byName[0].ID != firm.ID {
			t.Errorf("found %s and %d by name, want %s", company.ID, len(byName), firm.ID)
		}
		if none, err := c.Companies.FindByName(ctx, "No such company"); err != nil || len(none) > 0 {
			t.Errorf("found %v, %v", none, err)
		}
		must[intercom.Company](t)(c.Contacts.AttachCompany(ctx, contact.ID, firm.ID))
		companies := collect(t, c.Contacts.CompaniesAll(ctx, contact.ID, intercom.PageOptions{}))
		if len(companies) != 1 || companies[0].UserCount != company.UserCount+1 {
			t.Errorf("companies %+v", companies)
		}
		must[intercom.Company](t)(c.Contacts.DetachCompany(ctx, contact.ID, firm.ID))
		if stored, _ := sb.Contact(contact.ID); len(stored.TagIDs)+len(stored.CompanyIDs) > 0 {
			t.Errorf("left over: %+v", stored)
		}
	})
}

func TestWholeLists(t *testing.T) {
	eachVersion(t, func(t *testing.T, c *intercom.Client, sb *sandbox.Sandbox) {
		ctx := t.Context()
		id, name, email := sb.Admin()
		if me := must[intercom.Me](t)(c.Admins.Me(ctx)); me.Admin.ID != id || me.Admin.Name != name ||
			me.Admin.Email != email ||
			me.App.Region != "US" {
			t.Errorf("me is %+v", me)
		}
		got := []int{
			len(must[[]intercom.Admin](t)(c.Admins.List(ctx))), len(must[[]intercom.Tag](t)(c.Tags.List(ctx))),
			len(must[[]intercom.Segment](t)(c.Segments.List(ctx))),
		}
		if want := []int{len(sb.Admins()), len(sb.Tags()), len(sb.Segments())}; !slices.Equal(got, want) {
			t.Errorf("%v admins, tags and segments, want %v", got, want)
		}
		attributes := must[[]intercom.DataAttribute](t)(c.DataAttributes.List(ctx, intercom.ModelContact, true))
		attributes = append(attributes, must[[]intercom.DataAttribute](t)(c.DataAttributes.List(ctx, intercom.ModelCompany,
			true))...)
		if len(attributes) != len(sb.Attributes()) {
			t.Errorf("%d attributes, want %d", len(attributes), len(sb.Attributes()))
		}
		if types := must[[]intercom.Subscription](t)(c.Subscriptions.Types(ctx)); len(types) == 0 || types[0].Name == "" {
			t.Errorf("subscription types %+v", types)
		}
	})
}

// The same client over a port, with its own transport.
func TestOverAPort(t *testing.T) {
	sb := sandbox.New(sandbox.Options{})
	server := httptest.NewServer(sb)
	defer server.Close()
	c, err := intercom.New(intercom.Config{Token: "any", BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if contacts := collect(t, c.Contacts.All(t.Context(), intercom.PageOptions{PerPage: 150})); len(contacts) != 500 {
		t.Errorf("%d contacts", len(contacts))
	}
	if state := c.Budget(); !state.Known || state.Limit != 1667 {
		t.Errorf("budget %+v", state)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := c.Admins.Me(ctx); intercom.KindOf(err) != intercom.KindUnavailable {
		t.Errorf("without time: %v", err)
	}
}
