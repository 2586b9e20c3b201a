package console

import (
	"net/http"
	"net/url"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// changePages show changes, and take the forms that decide about them.
type changePages struct{ c *Console }

// waitingPage lists what waits.
type waitingPage struct {
	Here      []tools.ConsoleLine // waits for somebody in the console
	Elsewhere []tools.ConsoleLine // waits for whoever asked
	Running   []tools.ConsoleLine
	More      bool // of what waits
}

// mostWaiting is how many proposals are listed.
const mostWaiting = 200

// showWaiting lists the proposals that wait, and what is being carried out.
func (s changePages) showWaiting(w http.ResponseWriter, r *http.Request, v *visit) {
	var p waitingPage
	waiting, next, err := s.c.desk.Changes(r.Context(), v.visitor,
		tools.ConsoleFilter{Status: change.StatusAwaiting, Limit: mostWaiting})
	if err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	for _, line := range waiting {
		if line.ByApprover {
			p.Here = append(p.Here, line)
		} else {
			p.Elsewhere = append(p.Elsewhere, line)
		}
	}
	p.More = next != ""
	for _, status := range []change.Status{change.StatusApproved, change.StatusApplying} {
		running, _, err := s.c.desk.Changes(r.Context(), v.visitor, tools.ConsoleFilter{Status: status})
		if err != nil {
			s.c.fail(w, r, v, err)
			return
		}
		p.Running = append(p.Running, running...)
	}
	s.c.render(w, r, http.StatusOK, v, "waiting.html", "Proposals", p)
}

// changesPage lists changes.
type changesPage struct {
	Status   change.Status
	Of       string
	Statuses []change.Status
	Lines    []tools.ConsoleLine
	Older    string // the address of the page of older ones
}

// showChanges lists changes, newest first.
func (s changePages) showChanges(w http.ResponseWriter, r *http.Request, v *visit) {
	query := r.URL.Query()
	p := changesPage{Status: change.Status(query.Get("status")), Of: strings.TrimSpace(query.Get("of")),
		Statuses: change.Statuses()}
	after := query.Get("after")
	if after != "" && !change.IsID(after) {
		after = ""
	}
	lines, next, err := s.c.desk.Changes(r.Context(), v.visitor,
		tools.ConsoleFilter{Status: p.Status, Of: p.Of, After: after})
	if err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	p.Lines = lines
	if next != "" {
		p.Older = address(root+"/changes", "status", string(p.Status), "of", p.Of, "after", next)
	}
	s.c.render(w, r, http.StatusOK, v, "changes.html", "Changes", p)
}

// address is a path with a query of those of some pairs that have a value.
func address(path string, pairs ...string) string {
	query := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
