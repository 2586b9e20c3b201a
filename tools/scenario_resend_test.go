package tools

import (
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestNoResendOnceStopped loses the answer of an update while the change is
// cancelled: it is judged by what can be read, and not sent again.
func TestNoResendOnceStopped(t *testing.T) {
	for _, of := range []string{"contact", "company"} {
		m := new(interceptor)
		w := newWorld(t, intercepted(m))
		id, tool := w.user(0).ID, "update_contact"
		if of == "company" {
			id, tool = w.sandbox.Companies()[0].ID, "save_company"
		}
		m.arm(1, func() {
			list, err := w.store.List(t.Context(), "local", change.Query{Status: change.StatusApplying, Limit: 1})
			if err == nil {
				err = w.engine.StopChange(t.Context(), list[0].Change.ID, change.Actor{By: "local"}, "")
			}
			if err != nil {
				t.Error(err)
			}
		})
		w.refused(toolerr.UpstreamUnavailable, tool, object{of: id, "set": object{"name": "Renamed"}})
		if sent := w.writes(); len(sent) > 0 {
			t.Errorf("sent: %v", sent)
		}
	}
}

// TestResend loses answers of an update. What took no effect is sent once more,
// after reading; what did is not, nor what somebody else wrote to meanwhile.
func TestResend(t *testing.T) {
	for name, test := range map[string]struct {
		refuses  int // of the writes, without effect
		done     bool
		somebody bool         // writes to the same field before it is read back
		code     toolerr.Code // empty: it is applied
		puts     int
	}{
		"without effect":        {1, false, false, "", 1},
		"without effect, twice": {2, false, false, toolerr.UpstreamUnavailable, 0},
		"done":                  {0, true, false, "", 1},
		"somebody was there":    {1, false, true, toolerr.ChangeStale, 0},
	} {
		for _, of := range []string{"contact", "company"} {
			t.Run(of+" "+name, func(t *testing.T) {
				m := new(interceptor)
				w := newWorld(t, intercepted(m))
				id, path, tool := w.user(0).ID, "/contacts/", "update_contact"
				if of == "company" {
					id, path, tool = w.sandbox.Companies()[0].ID, "/companies/", "save_company"
				}
				if test.done {
					w.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: path + "*", ResetAfter: true, Times: 1})
				}
				m.arm(test.refuses, func() {
					if test.somebody {
						w.direct("PUT", path+id, `{"name":"By Somebody"}`)
						w.sandbox.ResetCalls()
					}
				})
				args := object{of: id, "set": object{"name": "Renamed"}}
				if test.code == "" {
					w.do(tool, args)
				} else if refusal := w.refused(test.code, tool, args); refusal.Data["status"] != map[bool]string{true: "unknown",
					false: "failed"}[test.somebody] {
					t.Error(refusal.Data)
				}
				puts := 0
				for _, sent := range w.sandbox.Calls() {
					if sent.Method == "PUT" {
						puts++
					}
				}
				if puts != test.puts {
					t.Errorf("%d requests came through", puts)
				}
			})
		}
	}
}
