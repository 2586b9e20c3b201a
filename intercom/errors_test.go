package intercom

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestKinds(t *testing.T) {
	tests := []struct {
		status        int
		code, message string
		want          Kind
	}{
		{400, "parameter_invalid", "The owner specified is not a member of the workspace", KindInvalid},
		{400, "bad_request", "bad 'x' parameter", KindInvalid},
		{400, "bad_request", "page limit reached, please use scroll API", KindLimit},
		{400, "intercom_version_invalid", "Requested resource is not available in current API version.", KindVersion},
		{400, "tag_has_dependent_objects", "Unable to delete Tag with dependent objects. Segments: Seg 1.", KindConflict},
		{400, "contact_company_limit_exceeded", "Contact has reached the maximum of 1000 company associations", KindLimit},
		{400, "scroll_exists", "scroll already exists for this workspace", KindConflict},
		{400, "some_new_code", "whatever", KindInvalid},
		{401, "unauthorized", "Access Token Invalid", KindCredential},
		{401, "token_expired", "", KindCredential},
		{401, "token_unauthorized", "Not authorized to access resource", KindScope},
		{402, "", "", KindPlan},
		{403, "forbidden", "IP not allowed", KindAddress},
		{403, "forbidden", "You do not have the required scope (write_users_companies) to access this resource", KindScope},
		{403, "api_plan_restricted", "Active subscription needed.", KindPlan},
		{403, "action_forbidden", "", KindScope},
		{403, "forbidden", "You do not have the required scope (read_conversations) to access this resource", KindScope},
		{403, "forbidden", "job job_v2_1 is closed for new task updates", KindJobClosed},
		{403, "job_closed", "", KindJobClosed},
		{404, "not_found", "User Not Found", KindNotFound},
		{404, "company_not_found", "Company Not Found", KindNotFound},
		{404, "job_not_found", "job j not found", KindNotFound},
		{406, "media_type_not_acceptable", "", KindInvalid},
		{409, "conflict", "A contact matching those details already exists", KindConflict},
		{410, "contact_merged", "", KindMerged},
		{410, "", "", KindNotFound},
		{422, "field_not_found", "contacts must be identified by id", KindInvalid},
		{422, "unique_user_constraint", "", KindConflict},
		{429, "rate_limit_exceeded", "", KindRateLimited},
		{429, "too_many_requests", "", KindRateLimited},
		{408, "request_timeout", "", KindUnavailable},
		{500, "server_error", "", KindUnavailable},
		{503, "conflict", "a code that does not go with its status", KindUnavailable},
		{307, "", "", KindRedirect},
		{0, "", "", KindUnavailable},
	}
	for _, test := range tests {
		e := &Error{Status: test.status, Code: test.code, Message: test.message}
		if got := KindOf(fmt.Errorf("wrapped: %w", e)); got != test.want {
			t.Errorf("%d %s %q: kind %s, want %s", test.status, test.code, test.message, got, test.want)
		}
	}
	if got := KindOf(errors.New("another")); got != "" {
		t.Errorf("another error: kind %s", got)
	}
}

func TestErrorsTellWhatIntercomSays(t *testing.T) {
	merged := refuse(410, "contact_merged", "This contact has been merged.")
	merged.header = map[string]string{"Link": `</contacts/6762f0d01bb69f9f2193bb7d>; rel="canonical"`}
	absolute := merged
	absolute.header = map[string]string{"Link": `<https://api.intercom.io/other>; rel="next", ` +
		`<https://api.intercom.io/contacts/abc>; rel="canonical"`}
	headerOnly := reply{status: 404, body: "{}", header: map[string]string{"X-Request-Id": "req-2"}}
	tests := []struct {
		name string
		re   reply
		want Error
		kind Kind
	}{
		{"conflict", refuse(409, "conflict",
			"A contact matching those details already exists with id=5da6f18e3d7cf967e4582d05"),
			Error{Status: 409, Code: "conflict", ConflictID: "5da6f18e3d7cf967e4582d05"}, KindConflict},
		{"conflict with an archived one", refuse(409, "conflict",
			"An archived contact matching those details already exists with id=5da6f18e3d7cf967e4582d05"),
			Error{Status: 409, Code: "conflict", ConflictID: "5da6f18e3d7cf967e4582d05", ConflictArchived: true}, KindConflict},
		{"merged", merged, Error{Status: 410, Code: "contact_merged", MergedInto: "6762f0d01bb69f9f2193bb7d"}, KindMerged},
		{"merged, as URL", absolute, Error{Status: 410, Code: "contact_merged", MergedInto: "abc"}, KindMerged},
		{"scope", reply{status: 403, body: `{"type":"error.list","request_id":"req-1",` +
			`"errors":[{"code":"action_forbidden","message":"no","field":"f","data":{"required_permissions":["write_tags"]}}]}`},
			Error{Status: 403, Code: "action_forbidden", Field: "f", RequiredPermissions: []string{"write_tags"}}, KindScope},
		{"scope, in words", refuse(403, "forbidden", "You do not have the required scope (read_conversations) to access "+
			"this resource"),
			Error{Status: 403, Code: "forbidden", RequiredPermissions: []string{"read_conversations"}}, KindScope},
		{"an admin who may not", refuse(405, "client_error", "no"), Error{Status: 405, Code: "client_error"}, KindScope},
		{"not restorable", refuse(400, "bad_request", "User has been merged and is not restorable."),
			Error{Status: 400, Code: "bad_request"}, KindMerged},
		{"newer envelope", reply{status: 422, body: `{"type":"error","request_id":"req-1","message":"no"}`},
			Error{Status: 422}, KindInvalid},
		{"no words", headerOnly, Error{Status: 404, RequestID: "req-2", Missing: "contact"}, KindNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newFake(t, Config{}, always(test.re))
			e := asError(t, result(c.Contacts.Create(background, ContactWrite{})))
			if test.want.RequestID == "" {
				test.want.RequestID = "req-1"
			}
			test.want.Method, test.want.Path, test.want.Sent = "POST", "/contacts", true
			ignore := cmpopts.IgnoreFields(Error{}, "Message")
			if diff := cmp.Diff(test.want, *e, ignore, cmpopts.IgnoreUnexported(Error{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if e.Kind() != test.kind || e.Message == "" {
				t.Errorf("kind %s, message %q", e.Kind(), e.Message)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	tests := map[string]*Error{
		"intercom: GET /contacts/i1: 404 not_found User Not Found (request r)": {Status: 404, Code: "not_found",
			Message: "User Not Found", Method: "GET", Path: "/contacts/i1", RequestID: "r"},
		"intercom: GET /me: no answer: broken": {Message: "no answer", Method: "GET",
			Path: "/me", Err: errors.New("broken")},
		"intercom: PUT /contacts/{id}: id is empty": {Message: "id is empty", Method: "PUT",
			Path: "/contacts/{id}", Err: errors.New("id is empty")},
		"intercom: not sent, as the access token was refused lately: revoked": {Message: "not sent, as the access token " +
			"was refused lately: revoked"},
	}
	for want, e := range tests {
		if got := e.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
