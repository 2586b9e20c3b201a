package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// interceptor stands between a client and the sandbox. Once it is armed, the next
// write finds that somebody else was faster.
type interceptor struct {
	sandbox *sandbox.Sandbox

	mu      sync.Mutex
	before  func() // what somebody else does just before the next write
	refuses int    // how many writes then get 502 without any effect
}

// RoundTrip implements [http.RoundTripper].
func (m *interceptor) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/search") ||
		strings.HasSuffix(r.URL.Path, "/preview") {
		return m.sandbox.RoundTrip(r)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before != nil {
		m.before()
		m.before = nil
	} else if m.refuses == 0 {
		return m.sandbox.RoundTrip(r)
	}
	if m.refuses > 0 {
		m.refuses--
		return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{},
			Body: io.NopCloser(strings.NewReader("<html>")), Request: r}, nil
	}
	return m.sandbox.RoundTrip(r)
}

// arm has before done ahead of the next write, of which so many are refused.
func (m *interceptor) arm(refuses int, before func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, m.refuses = before, refuses
}

func intercepted(m *interceptor) worldOption {
	return func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = m }
}

// direct sends a request to the sandbox past the client, as somebody else would.
func (w *world) direct(method, path, body string) {
	w.t.Helper()
	w.directAs("2.16", method, path, body)
}

func (w *world) directAs(version, method, path, body string) {
	w.t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer test-token"}, "Intercom-Version": {version},
		"Accept": {"application/json"}, "Content-Type": {"application/json"}}
	resp, err := w.sandbox.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		answer, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
}

// mergeElsewhere merges one contact into another behind the server's back.
func (w *world) mergeElsewhere(from, into string) {
	w.direct("POST", "/contacts/merge", fmt.Sprintf(`{"from":%q,"into":%q,"skip_duplicate_validation":true}`, from, into))
}

// trio makes a lead, the user whom it is the same as, and another such user.
func (w *world) trio() (lead, user, other string) {
	w.t.Helper()
	make := func(set object) string {
		set["email"] = "twin@example.org"
		return w.do("create_contact", object{"set": set})["created"].(string)
	}
	return make(object{"role": "lead"}), make(object{"role": "user", "external_id": "t-1"}),
		make(object{"role": "user", "external_id": "t-2"})
}

// TestMergedMeanwhile merges a contact just before a tool's write to it
// arrives, which then is refused by Intercom, or lost by a gateway: the tool
// never claims to have done it, and says where the contact went.
func TestMergedMeanwhile(t *testing.T) {
	t.Parallel()
	calls := map[string]func(lead, user string) object{
		"update_contact": func(lead, _ string) object { return object{"contact": lead, "set": object{"name": "New"}} },
		"tag_contacts":   func(lead, _ string) object { return object{"contacts": []string{lead}, "tag": "VIP"} },
		"untag_contacts": func(lead, _ string) object { return object{"contacts": []string{lead}, "tag": "Churned"} },
		"add_note":       func(lead, _ string) object { return object{"contact": lead, "body": "Called."} },
		"attach_company": func(lead, _ string) object {
			return object{"contacts": []string{lead},
				"company": "company_id:acme"}
		},
		"bulk_update_contacts": func(lead, _ string) object {
			return object{"contacts": []string{lead},
				"set": object{"name": "New"}}
		},
		"archive_contacts": func(lead, _ string) object { return object{"contacts": []string{lead}} },
		"delete_contacts":  func(lead, _ string) object { return object{"contacts": []string{lead}} },
		"block_contact":    func(lead, _ string) object { return object{"contact": lead} },
		"merge_contacts":   func(lead, user string) object { return object{"contact": lead, "into": user} },
	}
	for _, version := range versions {
		for tool, args := range calls {
			for _, refuses := range []int{0, 1, 9} {
				t.Run(fmt.Sprintf("%s/%s/%d", version, tool, refuses), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						m := new(interceptor)
						w := newWorld(t, inMode(policy.ModeFull), inVersion(version), intercepted(m))
						lead, user, other := w.trio()
						if tool == "untag_contacts" {
							w.do("tag_contacts", object{"contacts": []string{lead}, "tag": "Churned"})
						}
						receipt := w.interceptedWith(m, refuses, tool, args(lead, user), func() { w.mergeElsewhere(lead, other) })
						w.saysMerged(tool, receipt, other, refuses)
					})
				})
			}
		}
	}
}

// TestMergedBeforeConfirmed merges contacts between a plan and its
// confirmation: the change is stale, and says where they went.
func TestMergedBeforeConfirmed(t *testing.T) {
	for _, version := range versions {
		for _, many := range []bool{false, true} {
			w := newWorld(t, inMode(policy.ModeFull), inVersion(version))
			lead, _, other := w.trio()
			list := []string{lead}
			for i := range 12 {
				if many {
					list = append(list, w.user(i).ID)
				}
			}
			args := object{"contacts": list}
			canAsk := func(c *Call) { c.CanAsk = true }
			first := w.try("delete_contacts", args, canAsk)
			w.mergeElsewhere(lead, other)
			refusal := w.refused(toolerr.ChangeStale, "delete_contacts", args, canAsk, func(c *Call) {
				c.Answer = &Answer{Change: first.Ask.Change, Binding: first.Ask.Binding, Action: Accept}
			})
			if !strings.Contains(refusal.Error(), "was merged into "+other) {
				t.Errorf("%s: %v", version, refusal)
			}
		}
	}
}

// TestMergedInBulk merges one of many contacts just before a bulk job starts.
func TestMergedInBulk(t *testing.T) {
	t.Parallel()
	for _, noPreview := range []bool{false, true} {
		for _, version := range versions {
			if noPreview && version == "Preview" {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				m := new(interceptor)
				w := newWorld(t, inVersion(version), intercepted(m),
					withSandbox(func(o *sandbox.Options) { o.NoPreview = noPreview }))
				lead, _, other := w.trio()
				list := []string{lead}
				for i := range 14 {
					list = append(list, w.user(i).ID)
				}
				receipt := w.interceptedWith(m, 0, "bulk_update_contacts", object{"contacts": list, "set": object{"name": "Same"}},
					func() { w.mergeElsewhere(lead, other) })
				receipt = w.do("get_change", object{"change": receipt["change"]})
				text := fmt.Sprint(receipt)
				outcome := "unknown" // a job answers for no contact
				if noPreview {
					outcome = "failed"
				}
				if receipt["changed"] != 14.0 || receipt[outcome] != 1.0 || !strings.Contains(text, "merged into "+other) {
					t.Errorf("%s: %s", version, text)
				}
			})
		}
	}
}

// TestMergedInto merges the user that is to stay into another one.
func TestMergedInto(t *testing.T) {
	m := new(interceptor)
	w := newWorld(t, inMode(policy.ModeFull), intercepted(m))
	lead, user, other := w.trio()
	receipt := w.interceptedWith(m, 0, "merge_contacts", object{"contact": lead, "into": user}, func() {
		r := fmt.Sprintf(`{"from":%q,"into":%q}`, user, other)
		w.directAs("Preview", "POST", "/contacts/merge", r)
	})
	if text := fmt.Sprint(receipt); receipt["into"] != other ||
		!strings.Contains(text, "Contact "+user+" was merged into "+other) {
		t.Error(text)
	}
}

// TestMergedAlready has somebody else do the very merge that was asked for.
func TestMergedAlready(t *testing.T) {
	for _, version := range versions {
		for refuses := range 2 {
			m := new(interceptor)
			w := newWorld(t, inMode(policy.ModeFull), inVersion(version), intercepted(m))
			lead, user, _ := w.trio()
			receipt := w.interceptedWith(m, refuses, "merge_contacts", object{"contact": lead, "into": user},
				func() { w.mergeElsewhere(lead, user) })
			if receipt["status"] != "applied" {
				t.Errorf("%s: %v", version, receipt)
			}
		}
	}
}

// TestMissingMeanwhile tells which record was gone when a write arrived.
func TestMissingMeanwhile(t *testing.T) {
	for what, test := range map[string]struct {
		tool string
		args func(contact string) object
		path func(w *world, contact string) string // that somebody else deletes
	}{
		"contact": {"add_note", func(c string) object { return object{"contact": c, "body": "b"} },
			func(_ *world, c string) string { return "/contacts/" + c }},
		"tag": {"tag_contacts", func(c string) object { return object{"contacts": []string{c}, "tag": "Churned"} },
			func(w *world, _ string) string {
				for _, tag := range w.sandbox.Tags() {
					if tag.Name == "Churned" {
						return "/tags/" + tag.ID
					}
				}
				return ""
			}},
	} {
		m := new(interceptor)
		w := newWorld(t, intercepted(m))
		id := w.user(0).ID
		receipt := w.interceptedWith(m, 0, test.tool, test.args(id), func() { w.direct("DELETE", test.path(w, id), "") })
		if text := fmt.Sprint(receipt); receipt["code"] != string(toolerr.NotFound) ||
			!strings.Contains(text, "no such "+what) {
			t.Errorf("%s: %s", what, text)
		}
	}
}

// interceptedWith makes a call, confirmed where need be, in the midst of whose
// write somebody else does something.
func (w *world) interceptedWith(m *interceptor, refuses int, tool string, args object, meanwhile func()) object {
	w.t.Helper()
	canAsk := func(c *Call) { c.CanAsk = true }
	m.arm(refuses, meanwhile)
	first := w.try(tool, args, canAsk)
	if first.Ask == nil {
		return decoded(w.t, first)
	}
	return decoded(w.t, w.try(tool, args, canAsk, func(c *Call) {
		c.Answer = &Answer{Change: first.Ask.Change, Binding: first.Ask.Binding, Action: Accept}
	}))
}

// decoded is a result as an object: its answer, or the error's text and data.
func decoded(t testing.TB, result Result) object {
	t.Helper()
	if result.Err != nil {
		answer := object{"code": string(result.Err.Code), "text": result.Err.Error()}
		for name, value := range result.Err.Data {
			answer[name] = value
		}
		return answer
	}
	var answer object
	if err := json.Unmarshal(result.JSON, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// saysMerged checks a receipt, which tells where the contact went, or that
// nobody can tell.
func (w *world) saysMerged(tool string, receipt object, into string, refuses int) {
	w.t.Helper()
	text := fmt.Sprint(receipt)
	if receipt["status"] == "applied" || receipt["changed"] != nil {
		w.t.Errorf("%s claims what was not done: %s", tool, text)
	}
	if receipt["status"] == "unknown" && (tool == "block_contact" && refuses > 1 || tool == "add_note" && refuses > 0) {
		return // each attempt was lost, and nothing that can be read tells
	}
	if !strings.Contains(text, string(toolerr.Merged)) || !strings.Contains(text, into) {
		w.t.Errorf("%s does not tell that the contact was merged into %s: %s", tool, into, text)
	}
}

// TestMergedAmongMany names one merged contact among others: the refusal tells
// which it is.
func TestMergedAmongMany(t *testing.T) {
	w := newWorld(t)
	lead, user, other := w.trio()
	w.mergeElsewhere(lead, user)
	for _, contacts := range [][]string{{other, lead}, append(w.people(20, 12), lead)} {
		told := w.refused(toolerr.Merged, "tag_contacts", object{"contacts": contacts, "tag": "VIP"})
		if want := fmt.Sprintf("contacts[%d]: Contact %q was merged into %s.", len(contacts)-1, lead,
			user); !strings.Contains(told.Error(), want) || told.Data["into"] != user {
			t.Errorf("%v\nlacks %s", told, want)
		}
	}
}
