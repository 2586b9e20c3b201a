package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// changePage is one change, for a person who decides about it.
type changePage struct {
	*tools.ConsoleChange
	Alert *alert
	Query tools.RowQuery
	Self  string // the address of the page
	Back  string // of the page of rows before; "" for none
	Next  string // of the one after
	CSV   string // of the table; "" where it cannot be downloaded
	May   acts
}

// alert says at the top of a page what came of a form.
type alert struct{ Title, Text string }

// acts are what the visitor may do about a change now.
type acts struct {
	Decide   bool
	WhyNot   string // why they may not, where somebody in the console has to
	Stop     bool
	Withdraw bool
	Undo     bool
	Check    bool
}

// showChange shows one change.
func (s changePages) showChange(w http.ResponseWriter, r *http.Request, v *visit) {
	s.renderChange(w, r, v, http.StatusOK, nil)
}

// renderChange shows one change, and what came of a form.
func (s changePages) renderChange(w http.ResponseWriter, r *http.Request, v *visit, status int, told *alert) {
	id := r.PathValue("id")
	q := rowQuery(r)
	shown, err := s.c.desk.Change(r.Context(), v.visitor, id, q)
	if err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	p := changePage{ConsoleChange: shown, Alert: told, Query: q, Self: root + "/changes/" + id}
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
	p.May = s.acts(v, shown)
	s.c.render(w, r, status, v, "change.html", capital(shown.Title), p)
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

// acts says what the visitor may do about a change now.
func (s changePages) acts(v *visit, shown *tools.ConsoleChange) acts {
	mine := shown.Mine || v.visitor.Operates()
	waits := shown.Status == change.StatusAwaiting
	return acts{
		Withdraw: mine && (waits || shown.Status == change.StatusApproved),
		Stop:     mine && shown.Status == change.StatusApplying,
	}
}

// showProgress tells the script how far a change has come.
func (s changePages) showProgress(w http.ResponseWriter, r *http.Request, v *visit) {
	progress, err := s.c.desk.Progress(r.Context(), v.visitor, r.PathValue("id"))
	if err != nil {
		status, _, _ := explain(err)
		w.WriteHeader(status)
		return
	}
	told := struct {
		Ended bool   `json:"ended"`
		State string `json:"state"`
		Done  int    `json:"done"`
		Items int    `json:"items"`
		Words string `json:"words"`
	}{progress.Status.Ended(), string(progress.Status), progress.Done, progress.Items,
		count(progress.Done) + " of " + count(progress.Items)}
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

// act takes a form of a change's page.
func (s changePages) act(w http.ResponseWriter, r *http.Request, v *visit) {
	id, reason := r.PathValue("id"), oneLine(r.PostFormValue("reason"))
	var err error
	switch r.PathValue("act") {
	case "stop":
		err = s.c.desk.Stop(r.Context(), v.visitor, id, reason)
	default:
		s.c.tell(w, r, v, http.StatusNotFound, "There is no such form", "Nothing was done.")
		return
	}
	s.acted(w, r, v, err)
}

// acted shows the change again after a form, and why nothing was done where that is so.
func (s changePages) acted(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	status, title, text := 0, "", ""
	if err != nil {
		status, title, text = explain(err)
	}
	switch status {
	case 0: // so that nobody sends the form again by loading the page again
		http.Redirect(w, r, root+"/changes/"+r.PathValue("id"), http.StatusSeeOther)
	case http.StatusConflict, http.StatusForbidden:
		s.c.log.InfoContext(r.Context(), "the console refused a form", "path", r.URL.Path,
			"principal", v.visitor.Principal, "why", title)
		s.renderChange(w, r, v, status, &alert{title, text})
	default:
		s.c.fail(w, r, v, err)
	}
}
