package intercom

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// An answer about another object is none: a read fails, and of a write nobody knows the outcome.
func TestAnswersAboutAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const another = `{"type":"x","id":"another","role":"user","name":"n","state":"running"}`
		for name, test := range map[string]struct {
			call func(*Client) error
			want Kind
		}{
			"get":     {func(c *Client) error { return result(c.Contacts.Get(background, "i1")) }, KindUnavailable},
			"company": {func(c *Client) error { return result(c.Companies.Get(background, "i1")) }, KindUnavailable},
			"tag":     {func(c *Client) error { return result(c.Tags.Get(background, "i1")) }, KindUnavailable},
			"job":     {func(c *Client) error { return result(c.Bulk.Job(background, "i1")) }, KindUnavailable},
			"update": {func(c *Client) error { return result(c.Contacts.Update(background, "i1", ContactWrite{})) },
				KindOutcomeUnknown},
			"archive": {func(c *Client) error { return c.Contacts.Archive(background, "i1") }, KindOutcomeUnknown},
			"delete":  {func(c *Client) error { return c.Contacts.Delete(background, "i1") }, KindOutcomeUnknown},
			"tagging": {func(c *Client) error { return result(c.Contacts.AddTag(background, "i1", "i2")) }, KindOutcomeUnknown},
			"merge": {func(c *Client) error { return result(c.Contacts.Merge(background, Merge{From: "i1", Into: "i2"})) },
				KindOutcomeUnknown},
		} {
			c, _ := newFake(t, Config{}, always(ok(another)))
			if err := test.call(c.WithPriority(PriorityBulk)); KindOf(err) != test.want {
				t.Errorf("%s: got %v", name, err)
			}
		}
		c, _ := newFake(t, Config{}, always(ok(`{"id":"i1","role":"user","external_id":"71"}`)))
		if err := result(c.Contacts.FindByExternalID(background, "70")); KindOf(err) != KindNotFound {
			t.Errorf("by external_id: got %v", err)
		}
	})
}

// What a workspace without Preview says, in whatever words, is that it has no such request.
func TestWithoutPreview(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, re := range map[string]reply{
			"404":      refuse(404, "not_found", "The requested resource could not be found"),
			"404 page": {status: 404, body: "<html>"},
			"403":      refuse(403, "forbidden", "Not in your plan"),
			"403 plan": refuse(403, "api_plan_restricted", "no"),
			"403 page": {status: 403, body: "<html>"},
			"405":      refuse(405, "method_not_allowed", "Method Not Allowed"),
			"410":      refuse(410, "gone", "no"),
			"501":      refuse(501, "not_implemented", "no"),
			"501 page": {status: 501, body: "<html>"},
			"400":      refuse(400, "intercom_version_invalid", "no"),
		} {
			c, _ := newFake(t, Config{}, always(re))
			if err := result(c.Bulk.Update(background, []BulkContact{{ID: "i1"}})); KindOf(err) != KindVersion {
				t.Errorf("bulk, %s: got %v", name, err)
			}
			c, f := newFake(t, Config{}, nil)
			f.answer = func(n int, _ *http.Request) reply {
				if n == 1 {
					return re
				}
				return ok(contactBody)
			}
			preview := func(c *Client) error {
				return result(c.Contacts.PreviewMerge(background, Merge{From: "i1", Into: "i1"}))
			}
			if strings.HasSuffix(name, "page") || name == "501" { // there is another attempt
				f.answer = always(re)
			}
			if err := preview(c.WithPriority(PriorityBulk)); KindOf(err) != KindVersion {
				t.Errorf("merge preview, %s: got %v", name, err)
			}
		}
		c, _ := newFake(t, Config{}, always(refuse(403, "forbidden", "job job_v2_1 is closed for new task updates")))
		if err := result(c.Bulk.Update(background, []BulkContact{{ID: "i1"}})); KindOf(err) != KindJobClosed {
			t.Errorf("a closed job: got %v", err)
		}
	})
}
