package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/internal/text"
)

// changePage is one change, for a person who decides about it.
type changePage struct {
	*tools.ConsoleChange
	Alert   *alert
	Word    string // that the visitor gave in a form that was refused
	Query   tools.RowQuery
	Self    string // the address of the page
	Back    string // of the page of rows before; "" for none
	Next    string // of the one after
	CSV     string // of the table; "" where it cannot be downloaded
	State   string // how it stands, for the script
	Check   *tools.ConsoleRequest
	Undo    *tools.ConsoleRequest
	Servers int // that are there to carry it out
	May     acts
}

// alert says at the top of a page what came of a form.
type alert struct{ Title, Text string }

// acts are what the visitor may do about a change now.
type acts struct {
	Approve, Decline bool
	WhyNot           string // why they may not approve what waits for somebody here
	Check            bool
	Stop, Withdraw   bool
	Undo             bool
}

// showChange shows one change.
func (s changePages) showChange(w http.ResponseWriter, r *http.Request, v *visit) {
	s.renderChange(w, r, v, http.StatusOK, nil)
}

// renderChange shows one change, and what came of a form.
func (s changePages) renderChange(w http.ResponseWriter, r *http.Request, v *visit, status int, told *alert) {
	id, q := r.PathValue("id"), rowQuery(r)
	shown, err := s.c.desk.Change(r.Context(), v.visitor, id, q)
	if err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	p := &changePage{ConsoleChange: shown, Alert: told, Query: q, Self: root + "/changes/" + id}
	if told != nil {
		p.Word = oneLine(r.PostFormValue("reason"))
	}
	at := func(page int) string {
		return address(p.Self, "q", q.Text, "field", q.Field, "outcome", q.Outcome, "page", strconv.Itoa(page)) + "#rows"
	}
	if q.Page > 0 {
		p.Back = at(q.Page - 1)
	}
	if q.Page+1 < shown.Rows.Pages {
		p.Next = at(q.Page + 1)
	}
	if s.c.csv != nil {
		p.CSV = p.Self + "/rows.csv"
	}
	if err := s.addRequests(r, v, p); err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	p.May = actsOf(v.visitor, p)
	s.c.render(w, r, status, v, "change.html", text.Capitalise(shown.Title), p)
}

// checkedWithin is how old a check may be that is shown to who decides; an older one is made anew.
const checkedWithin = time.Minute

// addRequests adds what was asked of the servers. Where the visitor may approve the change, and nobody has checked it
// lately, it asks for that: nothing is decided by it.
func (s changePages) addRequests(r *http.Request, v *visit, p *changePage) (err error) {
	ctx := r.Context()
	servers, err := s.c.desk.Servers(ctx)
	if err != nil {
		return err
	}
	p.Servers = len(servers)
	if p.ByApprover {
		if p.Check, err = s.c.desk.Asked(ctx, v.visitor, p.ID, change.RequestCheck); err != nil {
			return err
		}
		if v.visitor.Approves() && p.Servers > 0 && wantsCheck(p.Check, s.c.now()) {
			if err := s.c.desk.Check(ctx, v.visitor, p.ID); err == nil {
				p.Check, err = s.c.desk.Asked(ctx, v.visitor, p.ID, change.RequestCheck)
				if err != nil {
					return err
				}
			} else {
				s.c.log.WarnContext(ctx, "a check could not be asked for", "change", p.ID, "err", err)
			}
		}
	}
	if p.Status.Ended() {
		p.Undo, err = s.c.desk.Asked(ctx, v.visitor, p.ID, change.RequestUndo)
	}
	p.State = stateOf(p.Status, p.Check, p.Undo)
	return err
}

// wantsCheck reports whether a change should be checked anew.
func wantsCheck(check *tools.ConsoleRequest, now time.Time) bool {
	return check == nil || !check.Open && !check.Stale && now.Sub(check.Asked) > checkedWithin
}

// stateOf is how a change stands, as the script compares it: where it is another one, the page is loaded again.
func stateOf(status change.Status, requests ...*tools.ConsoleRequest) string {
	state := string(status)
	for _, asked := range requests {
		switch {
		case asked == nil:
		case asked.Open:
			state += " asked"
		case asked.Stale:
			state += " stale"
		case !asked.Answered.IsZero():
			state += " answered"
		}
	}
	return state
}

// Live reports whether the page should follow how the change goes.
func (p *changePage) Live() bool {
	return p.Status == change.StatusApplying || p.Status == change.StatusApproved || p.ByApprover ||
		p.Undo != nil && p.Undo.Open
}

// actsOf says what the visitor may do about a change now.
func actsOf(v *tools.Visitor, p *changePage) acts {
	mine := p.Mine || v.Operates()
	may := acts{
		Withdraw: mine && (p.Status == change.StatusAwaiting || p.Status == change.StatusApproved),
		Stop:     mine && p.Status == change.StatusApplying,
		Undo:     mine && p.Undoable && (p.Undo == nil || !p.Undo.Open && p.Undo.Change == ""),
	}
	if !p.ByApprover {
		return may
	}
	may.Decline, may.Check = v.Approves(), v.Approves()
	may.Withdraw = may.Withdraw && (p.Mine || !may.Decline)
	switch {
	case p.Check != nil && p.Check.Stale:
		may.WhyNot = "It is out of date: what it would change has changed in Intercom since it was planned. Decline it, " +
			"and have it planned anew."
	case p.Barred != nil:
		_, _, may.WhyNot = explain(p.Barred)
	default:
		may.Approve = true
	}
	return may
}

// rowQuery is what rows are asked for.
func rowQuery(r *http.Request) tools.RowQuery {
	query := r.URL.Query()
	page, err := strconv.Atoi(query.Get("page"))
	if err != nil || page < 0 || page > 1_000_000 {
		page = 0
	}
	return tools.RowQuery{Text: query.Get("q"), Field: query.Get("field"), Outcome: query.Get("outcome"), Page: page}
}

// showProgress tells the script how far a change has come.
func (s changePages) showProgress(w http.ResponseWriter, r *http.Request, v *visit) {
	ctx, id := r.Context(), r.PathValue("id")
	progress, err := s.c.desk.Progress(ctx, v.visitor, id)
	var check, undo *tools.ConsoleRequest
	if err == nil && progress.ByApprover {
		check, err = s.c.desk.Asked(ctx, v.visitor, id, change.RequestCheck)
	}
	if err == nil && progress.Status.Ended() {
		undo, err = s.c.desk.Asked(ctx, v.visitor, id, change.RequestUndo)
	}
	if err != nil {
		status, _, _ := explain(err)
		w.WriteHeader(status)
		return
	}
	told := struct {
		State string `json:"state"`
		Done  int    `json:"done"`
		Items int    `json:"items"`
		Words string `json:"words"`
		Note  string `json:"note,omitempty"` // of a check that found nothing
	}{stateOf(progress.Status, check, undo), progress.Done, progress.Items,
		count(progress.Done) + " of " + count(progress.Items), ""}
	if check != nil && !check.Open && !check.Stale && check.Problem == "" && !check.Answered.IsZero() {
		told.Note = "Checked against Intercom now: nothing has changed there since it was planned. "
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(told) // the browser is gone if it fails
}

// showCSV gives the rows of a change as a table.
func (s changePages) showCSV(w http.ResponseWriter, r *http.Request, v *visit) {
	if s.c.csv == nil {
		s.c.tell(w, r, v, http.StatusNotFound, "There is no table", "This server gives none.")
		return
	}
	rows, err := s.c.desk.Export(r.Context(), v.visitor, r.PathValue("id"))
	var out bytes.Buffer
	if err == nil {
		err = s.c.csv(&out, rows)
	}
	if err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+r.PathValue("id")+`.csv"`)
	_, _ = w.Write(out.Bytes()) // the browser is gone if it fails
}
