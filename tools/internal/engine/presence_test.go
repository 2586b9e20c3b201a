package engine

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// TestPresence decides about what makes a record vanish, or appear: by whether it can be read afterwards.
func TestPresence(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	lead, user := f.lead().ID, f.user(0).ID
	if _, err := f.client.Contacts.Merge(t.Context(),
		intercom.Merge{From: lead, Into: user, SkipDuplicateCheck: true}); err != nil {
		t.Fatal(err)
	}
	_, merged := f.client.Contacts.Get(t.Context(), lead)
	away, down := upstream(http.StatusNotFound, "not found"), upstream(http.StatusServiceUnavailable, "down")
	refused, lost := upstream(http.StatusBadRequest, "bad"), lostAnswer(t)
	j := newJudge(&change.Change{Items: []change.Item{{}, {Patch: change.Patch{Op: change.Archive}}}}, plain{})
	for _, test := range []struct {
		what       string
		sent, read error
		wanted     presence
		want       change.Outcome
		code       toolerr.Code
		reason     string
	}{
		{"gone as it should", nil, away, wantGone, change.Changed, "", ""},
		{"there as it should", nil, nil, wantThere, change.Changed, "", ""},
		{"answer lost, gone", lost, away, wantGone, change.Changed, "", ""},
		{"answer lost, there again", lost, nil, wantThere, change.Changed, "", ""},
		{"answer lost, still there", lost, nil, wantGone, change.Unknown, toolerr.OutcomeUnknown,
			"no answer. Reading back does not show it yet. Check with get_contact before repeating it."},
		{"no usable answer, still there", failedWrite(t, sandbox.Fault{Status: http.StatusBadGateway}), nil,
			wantGone, change.Failed, toolerr.UpstreamUnavailable,
			"Intercom gave no usable answer, and reading back shows that it took no effect. Try again in a minute."},
		{"refused, and gone", refused, away, wantGone, change.Failed, toolerr.InvalidArgument, "bad"},
		{"refused, and there", refused, nil, wantGone, change.Failed, toolerr.InvalidArgument, "bad"},
		{"accepted, and still there", nil, nil, wantGone, change.Failed, toolerr.InvalidArgument,
			"Intercom accepted it, but reading back shows no change"},
		{"accepted, and still gone", nil, away, wantThere, change.Failed, toolerr.InvalidArgument,
			"Intercom accepted it, but reading back shows no change"},
		{"unreadable", nil, down, wantGone, change.Unknown, toolerr.OutcomeUnknown,
			"it could not be read back: down. Check with get_contact before repeating it."},
		{"answer lost, unreadable", lost, down, wantGone, change.Unknown, toolerr.OutcomeUnknown,
			"no answer. It could not be read back: down. Check with get_contact before repeating it."},
		{"answer lost, merged elsewhere", lost, merged, wantGone, change.Failed, toolerr.Merged, explained(merged).Error()},
		{"merged", nil, merged, wantGone, change.Changed, "", ""},
		{"refused, and merged", refused, merged, wantGone, change.Failed, toolerr.InvalidArgument, "bad"},
		{"refused, since merged", merged, merged, wantGone, change.Failed, toolerr.Merged, explained(merged).Error()},
	} {
		r := j.verifyPresence(t.Context(), 1, test.sent, test.read, test.wanted)
		if r.Index != 1 || r.Outcome != test.want || r.Code != string(test.code) || r.Reason != test.reason {
			t.Errorf("%s: %+v", test.what, r)
		}
	}
	for _, test := range []struct {
		what   string
		read   error
		wanted presence
		want   change.Outcome
		unsure string
	}{
		{"gone as it should", away, wantGone, change.Changed, ""},
		{"there as it should", nil, wantThere, change.Changed, ""},
		{"not gone yet", nil, wantGone, change.Pending, ""},
		{"not there yet", away, wantThere, change.Pending, ""},
		{"merged elsewhere", merged, wantGone, change.Failed, ""},
		{"to appear, but merged", merged, wantThere, change.Pending, ""},
		{"unreadable", down, wantGone, change.Pending, "it could not be read: down (Intercom request req-1)"},
	} {
		r := j.reconcilePresence(t.Context(), 1, test.read, test.wanted)
		if r.recorded.Outcome != test.want || r.unsure != test.unsure {
			t.Errorf("resumed, %s: %+v", test.what, r)
		}
	}
}

// TestTrustResponse decides by the answer where nothing can be read back.
func TestTrustResponse(t *testing.T) {
	j := newJudge(&change.Change{Items: []change.Item{{}, {Patch: change.Patch{Op: change.DeleteCompany}}}}, plain{})
	if r := j.trustResponse(t.Context(), 1, nil, "nobody sees it"); r.Index != 1 || r.Outcome != change.Changed {
		t.Errorf("%+v", r)
	}
	if r := j.trustResponse(t.Context(), 1, upstream(http.StatusBadRequest, "bad"), "nobody sees it"); r.Index != 1 ||
		r.Outcome != change.Failed || r.Reason != "bad" {
		t.Errorf("%+v", r)
	}
	lost := lostAnswer(t)
	r := j.trustResponse(t.Context(), 1, lost, "Nobody sees it")
	if r.Index != 1 || r.Outcome != change.Unknown ||
		r.Reason != explained(lost).Message+" Nobody sees it. Check with get_company before repeating it." ||
		r.Facts["check_with"] != "get_company" {
		t.Errorf("%+v", r)
	}
}

// TestProbeTag reads a tag, and the tags that are known by name along with it.
func TestProbeTag(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renaming(0))
	made, err := f.client.Tags.Create(t.Context(), "Short-lived")
	if err != nil {
		t.Fatal(err)
	}
	tag := made.ID
	if err := probeTag(t.Context(), a, tag); err != nil {
		t.Error(err)
	}
	if err := f.client.Tags.Delete(t.Context(), tag); err != nil {
		t.Fatal(err)
	}
	if err := probeTag(t.Context(), a, tag); !directory.Gone(err) {
		t.Error(err)
	}
	if tags, ok := a.lists.Tags.Peek(); !ok || len(tags) != len(f.sandbox.Tags()) {
		t.Errorf("%d tags are known", len(tags))
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/tags", Status: http.StatusForbidden})
	if err := probeTag(t.Context(), a, f.sandbox.Tags()[0].ID); err == nil || directory.Gone(err) {
		t.Errorf("unreadable: %v", err)
	}
	if err := probeContact(t.Context(), a.client, f.user(0).ID); err != nil {
		t.Error(err)
	}
	if err := probeContact(t.Context(), a.client, "63e35680c4f5a586566fffff"); !directory.Gone(err) {
		t.Error(err)
	}
}

// TestRoleless takes a contact to be there whose role cannot be read, and leaves it as it is.
func TestRoleless(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.renaming(0))
	id := c.Items[0].TargetID
	client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1",
		Transport: rewriting{f.sandbox, `"role":"user"`, `"role":{}`}})
	if err != nil {
		t.Fatal(err)
	}
	f.client = client
	if err := probeContact(t.Context(), client, id); err != nil {
		t.Errorf("%v", err)
	}
	if undo, err := f.planUndo(c); err != nil || len(undo.Items) > 0 || len(undo.Conflicts) != 1 {
		t.Errorf("%+v, %v", undo, err)
	}
}

// rewriting is a transport that replaces a text in all answers.
type rewriting struct {
	next     http.RoundTripper
	from, to string
}

// RoundTrip implements [http.RoundTripper].
func (u rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := u.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	body = bytes.ReplaceAll(body, []byte(u.from), []byte(u.to))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}
