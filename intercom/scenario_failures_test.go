package intercom_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// A write whose answer is lost took effect: it must be told as unknown, or
// turn out to be done, and never be done twice.
func TestLostAnswers(t *testing.T) {
	for _, fault := range []sandbox.Fault{{ResetAfter: true, Times: 1}, {Truncate: true, Times: 1}} {
		t.Run(fmt.Sprintf("truncated=%t", fault.Truncate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				c, sb := open(t, sandbox.Options{}, "2.16")
				contact := named(t, sb, live)
				lose := func(method, path string) {
					f := fault
					f.Method, f.Path = method, path
					sb.AddFault(f)
				}
				notes := len(sb.Notes(contact.ID))
				lose("POST", "/contacts/*/notes")
				_, err := c.Notes.AddToContact(ctx, contact.ID, intercom.NoteWrite{Body: "once"})
				if intercom.KindOf(err) != intercom.KindOutcomeUnknown || len(sb.Notes(contact.ID)) != notes+1 {
					t.Errorf("note: %v, %d notes more", err, len(sb.Notes(contact.ID))-notes)
				}
				tag := must[intercom.Tag](t)(c.Tags.Create(ctx, "lost"))
				lose("POST", "/contacts/*/tags")
				_, err = c.Contacts.AddTag(ctx, contact.ID, tag.ID)
				if unknown := intercom.KindOf(err) == intercom.KindOutcomeUnknown; unknown != fault.Truncate {
					t.Errorf("tag: %v", err)
				}
				lose("DELETE", "/contacts/*/tags/*")
				gone, err := c.Contacts.RemoveTag(ctx, contact.ID, tag.ID)
				if unknown := intercom.KindOf(err) == intercom.KindOutcomeUnknown; unknown != fault.Truncate || !unknown &&
					gone.ID != tag.ID {
					t.Errorf("untag: %+v, %v", gone, err)
				}
				lose("GET", "/contacts/*")
				if _, err := c.Contacts.Get(ctx, contact.ID); err != nil {
					t.Errorf("read: %v", err)
				}
			})
		})
	}
}

func TestMergedContacts(t *testing.T) {
	for _, version := range versions {
		c, sb := open(t, sandbox.Options{}, version)
		merged := named(t, sb, func(c sandbox.Contact) bool { return c.MergedInto != "" && c.ExternalID != "" })
		for name, err := range map[string]error{
			"read":       failure(c.Contacts.Get(t.Context(), merged.ID)),
			"by your id": failure(c.Contacts.FindByExternalID(t.Context(), merged.ExternalID)),
			"notes":      failure(c.Notes.OfContact(t.Context(), merged.ID, intercom.PageOptions{})),
			"update":     failure(c.Contacts.Update(t.Context(), merged.ID, intercom.ContactWrite{Name: intercom.Value("n")})),
			"tag":        failure(c.Contacts.AddTag(t.Context(), merged.ID, sb.Tags()[0].ID)),
			"unarchive":  c.Contacts.Unarchive(t.Context(), merged.ID),
			"block":      c.Contacts.Block(t.Context(), merged.ID),
			"delete":     c.Contacts.Delete(t.Context(), merged.ID),
		} {
			e, ok := err.(*intercom.Error)
			if !ok || e.Kind() != intercom.KindMerged {
				t.Errorf("%s: %s: %v", version, name, err)
				continue
			}
			if into, found := sb.Contact(e.MergedInto); !found || into.MergedInto != "" {
				t.Errorf("%s: %s: merged into %q, which is not the last in the chain", version, name, e.MergedInto)
			}
		}
	}
}

// TestWhatIsMissing tells which of the records that a request names is not
// there, and which side of a merge was merged before.
func TestWhatIsMissing(t *testing.T) {
	for _, version := range []string{"2.10", "2.16"} {
		c, sb := open(t, sandbox.Options{}, version)
		merged := named(t, sb, func(c sandbox.Contact) bool { return c.MergedInto != "" }).ID
		lead := named(t, sb, func(c sandbox.Contact) bool { return c.Role == "lead" && c.MergedInto == "" }).ID
		const none = "aaaaaaaaaaaaaaaaaaaaaaaa"
		for want, err := range map[string]error{
			"contact":           failure(c.Contacts.AddTag(t.Context(), none, sb.Tags()[0].ID)),
			"tag":               failure(c.Contacts.AddTag(t.Context(), lead, "1")),
			"admin":             failure(c.Notes.AddToContact(t.Context(), lead, intercom.NoteWrite{Body: "b", AdminID: "1"})),
			"company":           failure(c.Contacts.AttachCompany(t.Context(), lead, none)),
			"subscription type": failure(c.Subscriptions.AddToContact(t.Context(), lead, "1", intercom.ConsentOptIn)),
			"segment":           failure(c.Segments.Get(t.Context(), none)),
		} {
			var e *intercom.Error
			if !errors.As(err, &e) || e.Missing != want || e.Kind() != intercom.KindNotFound {
				t.Errorf("%s: %s: %#v", version, want, err)
			}
		}
		var e *intercom.Error
		if _, err := c.Contacts.Merge(t.Context(), intercom.Merge{From: lead, Into: merged}); !errors.As(err, &e) ||
			e.Kind() != intercom.KindMerged || e.MergedFrom != merged {
			t.Errorf("%s: merging into who was merged: %v", version, err)
		}
	}
}

// TestLookupFails has the read that tells of a merge fail: a contact that may
// be merged is not called missing, unless the token may not read it ever.
func TestLookupFails(t *testing.T) {
	for status, want := range map[int]intercom.Kind{503: intercom.KindUnavailable, 403: intercom.KindNotFound} {
		synctest.Test(t, func(t *testing.T) {
			c, sb := open(t, sandbox.Options{}, "2.15")
			merged := named(t, sb, func(c sandbox.Contact) bool { return c.MergedInto != "" }).ID
			sb.AddFault(sandbox.Fault{Method: "GET", After: 1, Status: status})
			if _, err := c.Contacts.Get(t.Context(), merged); intercom.KindOf(err) != want {
				t.Errorf("%d: got %v", status, err)
			}
		})
	}
}

func TestRefusedTokens(t *testing.T) {
	tokens := []sandbox.Token{{Value: "gone", Revoked: true}, {Value: "poor", Scopes: []string{"read_tags"}},
		{Value: "far", Region: "EU"}}
	sb := sandbox.New(sandbox.Options{Tokens: tokens})
	for token, want := range map[string]intercom.Kind{"gone": intercom.KindCredential, "poor": intercom.KindScope,
		"far": intercom.KindCredential, "none": intercom.KindCredential} {
		c, err := intercom.New(intercom.Config{Token: token, Transport: sb})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Contacts.List(t.Context(), intercom.PageOptions{})
		if intercom.KindOf(err) != want || strings.Contains(err.Error(), token) && token != "none" && token != "gone" {
			t.Errorf("token %s: %v", token, err)
		}
	}
}

func TestMissingPreview(t *testing.T) {
	c, sb := open(t, sandbox.Options{NoPreview: true}, "2.16")
	contact := named(t, sb, live)
	_, err := c.Bulk.Update(t.Context(), []intercom.BulkContact{{ID: contact.ID, Name: intercom.Value("n")}})
	if intercom.KindOf(err) != intercom.KindVersion {
		t.Errorf("bulk: %v", err)
	}
	unknown, _ := open(t, sandbox.Options{}, "2.99")
	if _, err := unknown.Admins.Me(t.Context()); intercom.KindOf(err) != intercom.KindVersion {
		t.Errorf("unknown version: %v", err)
	}
}

// A thousand contacts in bulk jobs, and reads by others meanwhile, within
// small rate windows: Intercom never has to refuse.
func TestBulkWithinTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, sb := open(t, sandbox.Options{Contacts: 1000, RateLimit: 40}, "2.16")
		bulk := c.WithPriority(intercom.PriorityBulk)
		contacts := collect(t, bulk.Contacts.All(t.Context(), intercom.PageOptions{PerPage: 150}))
		var group sync.WaitGroup
		for start := 0; start < len(contacts); start += intercom.MaxBulk {
			var items []intercom.BulkContact
			for _, contact := range contacts[start:min(start+intercom.MaxBulk, len(contacts))] {
				items = append(items, intercom.BulkContact{ID: contact.ID, LanguageOverride: intercom.Value("de")})
			}
			group.Go(func() {
				job, err := bulk.Bulk.Update(t.Context(), items)
				for err == nil && !job.Done() {
					time.Sleep(time.Second)
					job, err = bulk.Bulk.Job(t.Context(), job.ID)
				}
				if err != nil || job.State != intercom.JobCompleted {
					t.Errorf("job %+v: %v", job, err)
				}
			})
		}
		for _, contact := range contacts[:200] {
			group.Go(func() {
				if _, err := bulk.Contacts.Get(t.Context(), contact.ID); err != nil {
					t.Errorf("read: %v", err)
				}
			})
		}
		group.Wait()
		if n := sb.RateLimited(); n > 0 {
			t.Errorf("%d requests were refused by the rate limit", n)
		}
		for _, contact := range sb.Contacts() {
			if live(contact) && contact.LanguageOverride != "de" {
				t.Fatalf("%s was not updated", contact.ID)
			}
		}
	})
}

// A third of all answers are 429: every call still comes out right.
func TestManyRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, sb := open(t, sandbox.Options{}, "2.16")
		contact := named(t, sb, live)
		sb.AddFault(sandbox.Fault{RateLimited: true, Every: 3})
		before := len(sb.Notes(contact.ID))
		for i := range 30 {
			if _, err := c.Notes.AddToContact(t.Context(), contact.ID, intercom.NoteWrite{Body: fmt.Sprint(i)}); err != nil {
				t.Errorf("note %d: %v", i, err)
			}
		}
		if n := len(sb.Notes(contact.ID)) - before; n != 30 {
			t.Errorf("%d notes more, want 30", n)
		}
	})
}
