package tools

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tiktoken-go/tokenizer"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// TestMistakes holds what an agent is told for each error that Intercom
// documents: the code, and what to do.
func TestMistakes(t *testing.T) {
	tests := []struct {
		name   string
		status int
		code   string
		says   string // Intercom's message
		want   toolerr.Code
		next   string // part of what to do
	}{
		{"a duplicate", 409, "conflict", "A contact matching those details already exists with id=5da6f18e3d7cf967e4582d05",
			toolerr.Conflict, "update_contact"},
		{"a duplicate of an archived contact", 409, "conflict",
			"An archived contact matching those details already exists with id=6762f0dd3d7cf967e4582d05", toolerr.Conflict,
			"unarchive_contacts"},
		{"a blocked contact", 409, "not_restorable", "User is blocked", toolerr.Conflict, "blocked"},
		{"a plan", 403, "api_plan_restricted", "Active subscription needed.", toolerr.PlanRestricted, "operator"},
		{"a scope", 403, "forbidden", "You do not have the required scope (write_users_companies) to access this resource",
			toolerr.ScopeMissing, "the permission write_users_companies. "},
		{"a legacy scope", 401, "token_unauthorized", "Not authorized to access resource", toolerr.ScopeMissing,
			"permission"},
		{"a teammate who may not", 405, "client_error", "Action not allowed for this admin type", toolerr.ScopeMissing,
			"operator"},
		{"a token of another region", 401, "unauthorized", "Access Token Invalid", toolerr.CredentialInvalid, "region"},
		{"a revoked token", 401, "token_revoked", "Token has been revoked", toolerr.CredentialInvalid, "operator"},
		{"an app that was deleted", 401, "token_suspended", "App deleted", toolerr.CredentialInvalid, "new token"},
		{"an address that is not allowed", 403, "forbidden", "IP not allowed", toolerr.CredentialInvalid, "IP address"},
		{"too many companies", 400, "contact_company_limit_exceeded",
			"Contact has reached the maximum of 1000 company associations", toolerr.LimitReached, "detach_company"},
		{"too many attributes", 400, "custom_data_limit_reached", "The limit of 250 custom attributes is reached",
			toolerr.LimitReached, "tell the user"},
		{"a list's options", 400, "parameter_invalid",
			"Custom attribute 'tier' must be one of: bronze, silver, gold, platinum", toolerr.InvalidArgument,
			"must be one of: …"},
		{"a closed job", 403, "forbidden", "job job_v2_1 is closed for new task updates", toolerr.Busy, "new job"},
		{"an owner who left", 400, "parameter_invalid", "The owner specified is not a member of the workspace",
			toolerr.InvalidArgument, "Correct"},
		{"a user who should be a lead", 400, "client_error", "Contact with user role can't be converted to a lead",
			toolerr.InvalidArgument, "Correct"},
		{"a merge of strangers", 400, "invalid_merge",
			"Contacts can only be merged when they are duplicates (matching email or phone). Pass " +
				"skip_duplicate_validation=true to override this check.",
			toolerr.InvalidArgument, "(matching email or phone). Choose a lead and a user"},
		{"merged, nobody knows where", 410, "contact_merged", "This contact has been merged.", toolerr.Merged,
			"another, which Intercom does not name. Look for it with search_contacts"},
		{"a merged contact that nobody brings back", 400, "bad_request", "User has been merged and is not restorable.",
			toolerr.Merged, "search_contacts"},
		{"a wait", 429, "rate_limit_exceeded", "Exceeded rate limit of 167 in 10_seconds", toolerr.RateLimited,
			"repeat the call"},
		{"an outage", 503, "service_unavailable", "Sorry", toolerr.OutcomeUnknown,
			"Check with search_contacts before repeating it"},
		{"a version", 400, "intercom_version_invalid", "The requested version could not be found", toolerr.VersionUnsupported,
			"--api-version"},
	}
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts", Status: test.status, Code: test.code,
					Message: test.says})
				refusal := w.refused(test.want, "create_contact", object{"set": object{"email": "new@example.com"}})
				if !strings.Contains(refusal.Error(), test.next) {
					t.Errorf("%q does not say %q", refusal, test.next)
				}
				if refusal.Meta()["request_id"] == nil && test.want != toolerr.OutcomeUnknown {
					t.Error("the error lacks Intercom's request id")
				}
				if n, err := codec.Count(refusal.Error()); err != nil || n > maxErrorTokens {
					t.Errorf("%d tokens, at most %d: %s (%v)", n, maxErrorTokens, refusal, err)
				}
			})
		})
	}
}

// TestAccess calls with tokens and versions that Intercom does not take.
func TestAccess(t *testing.T) {
	tokens := []sandbox.Token{
		{Value: "good"}, {Value: "tok-revoked", Revoked: true}, {Value: "tok-abroad", Region: "EU"},
		{Value: "tok-reader", Scopes: []string{"read_users_companies", "read_tags"}},
	}
	for token, want := range map[string]toolerr.Code{"tok-revoked": toolerr.CredentialInvalid,
		"tok-abroad": toolerr.CredentialInvalid, "tok-unknown": toolerr.CredentialInvalid,
		"tok-reader": toolerr.ScopeMissing} {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Tokens = tokens }),
			func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Token = token })
		refusal := w.refused(want, "create_contact", object{"set": object{"email": "new@example.com"}})
		if strings.Contains(refusal.Error(), token) || !strings.Contains(refusal.Error(), "tell the operator") {
			t.Errorf("%s: %v", token, refusal)
		}
	}
	w := newWorld(t, inVersion("2.99"))
	w.refused(toolerr.VersionUnsupported, "search_contacts", object{})
}

// TestMoved writes to contacts that are not where they were: merged, archived,
// in a company without people.
func TestMoved(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	lead := w.do("create_contact", object{"set": object{"role": "lead", "email": "twin@example.com"}})["created"].(string)
	user := w.do("create_contact",
		object{"set": object{"email": "twin@example.com", "external_id": "twin"}})["created"].(string)
	update := object{"contact": lead, "set": object{"email": "other@example.com"}}
	ask := w.try("update_contact", update, func(c *Call) { c.CanAsk = true }).Ask
	w.asked("merge_contacts", object{"contact": lead, "into": user}, Accept)
	answer := &Answer{Change: ask.Change, Binding: ask.Binding, Action: Accept}
	w.refused(toolerr.ChangeStale, "update_contact", update, func(c *Call) { c.CanAsk, c.Answer = true, answer })
	if into := w.refused(toolerr.Merged, "get_contact", object{"contact": lead}).Data["into"]; into != user {
		t.Errorf("merged into %v, want %s", into, user)
	}
	archived := w.user(0).ID
	w.do("archive_contacts", object{"contacts": []string{archived}})
	refusal := w.refused(toolerr.NotFound, "update_contact", object{"contact": archived, "set": object{"name": "X"}})
	if !strings.Contains(refusal.Error(), "Archived: unarchive_contacts by id") {
		t.Error(refusal)
	}
	w.asked("save_company", object{"company": "company_id:empty", "set": object{"name": "Nobody There"}}, Accept)
	if rows := w.do("list_company_contacts", object{"company": "company_id:empty"})["rows"].([]any); len(rows) != 0 {
		t.Errorf("an empty company has %v", rows)
	}
}

// TestTaken gives a contact what another one has: the agent is not sent on to
// write to that one, who may be somebody else.
func TestTaken(t *testing.T) {
	for mode, next := range map[policy.Mode]string{policy.ModeFull: "merge_contacts makes them one",
		policy.ModeWrite: "tell the user that the two may be one"} {
		w := newWorld(t, inMode(mode))
		ann, bob, gone := w.user(0), w.user(1), w.user(2)
		w.do("archive_contacts", object{"contacts": []string{gone.ID}})
		for _, test := range []struct{ external, owner, says string }{
			{bob.ExternalID, bob.ID,
				"Another contact, " + bob.ID + ", has that e-mail or external_id already. Choose another value"},
			{gone.ExternalID, gone.ID,
				"An archived contact, " + gone.ID + ", has that e-mail or external_id already. Choose another value"},
		} {
			args := object{"contact": ann.ID, "set": object{"external_id": test.external}}
			ask := w.try("update_contact", args, canAsk).Ask
			told := w.refused(toolerr.Conflict, "update_contact", args, canAsk, func(c *Call) {
				c.Answer = &Answer{Change: ask.Change, Binding: ask.Binding, Action: Accept}
			}).Error()
			if !strings.Contains(told, test.says) || strings.Contains(told, "update_contact") {
				t.Errorf("%s\nwant %s", told, test.says)
			}
			if test.owner == bob.ID && !strings.Contains(told, next) {
				t.Errorf("%s\nlacks %s", told, next)
			}
		}
	}
}

// TestDisproved fails every write without effect: reading back tells so, whatever the
// write is. Of a company that is created it cannot, as a list may be behind.
func TestDisproved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMode(policy.ModeFull))
		lead, user := w.twins()
		archived := w.user(2).ID
		w.do("archive_contacts", object{"contacts": []string{archived}})
		for _, method := range []string{"PUT", "POST", "DELETE"} {
			for _, path := range []string{"/contacts/*", "/contacts/*/archive", "/contacts/*/unarchive", "/contacts/*/tags",
				"/companies", "/companies/*", "/tags/*"} {
				if path != "/contacts/*" || method != "POST" { // that is the search, and the merge
					w.sandbox.AddFault(sandbox.Fault{Method: method, Path: path, Status: 500})
				}
			}
		}
		w.sandbox.AddFault(sandbox.Fault{Method: "POST", Path: "/contacts/merge", Status: 500})
		for _, call := range []struct {
			tool string
			args object
		}{
			{"update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}}},
			{"archive_contacts", object{"contacts": []string{w.user(1).ID}}},
			{"unarchive_contacts", object{"contacts": []string{archived}}},
			{"delete_contacts", object{"contacts": []string{w.user(3).ID}}},
			{"merge_contacts", object{"contact": lead, "into": user}},
			{"delete_tag", object{"tag": "Champion"}},
			{"save_company", object{"company": w.sandbox.Companies()[0].ID, "set": object{"name": "New"}}},
		} {
			result := w.try(call.tool, call.args, canAsk)
			if result.Ask != nil {
				result = w.try(call.tool, call.args, answering(result.Ask.Change, result.Ask.Binding, Accept))
			}
			if result.Err == nil || result.Err.Code != toolerr.UpstreamUnavailable ||
				!strings.Contains(result.Err.Message, "took no effect") {
				t.Errorf("%s: %s %v", call.tool, result.JSON, result.Err)
			}
		}
	})
}

// TestRequestNamed holds when the text of an error names Intercom's request:
// where nobody else can tell more.
func TestRequestNamed(t *testing.T) {
	w := newWorld(t)
	w.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 500})
	args := object{"contact": w.user(0).ID, "set": object{"name": "Z"}}
	told := w.refused(toolerr.UpstreamUnavailable, "update_contact", args).Error()
	if !strings.Contains(told, "reading back shows that it took no effect.") ||
		!strings.Contains(told, "(Intercom request ") {
		t.Error(told)
	}
	refusal := w.refused(toolerr.Conflict, "create_contact", object{"set": object{"external_id": w.user(0).ExternalID}})
	if strings.Contains(refusal.Error(), "(Intercom request ") || refusal.Meta()["request_id"] == nil {
		t.Errorf("%v %v", refusal, refusal.Meta())
	}
}
