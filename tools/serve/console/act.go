package console

import (
	"context"
	"errors"
	"net/http"

	"intercom-mcp/tools"
)

// act takes a form of a change's page.
func (s changePages) act(w http.ResponseWriter, r *http.Request, v *visit) {
	id, act, reason := r.PathValue("id"), r.PathValue("act"), oneLine(r.PostFormValue("reason"))
	if act == "decide" {
		act = r.PostFormValue("decision")
	} else if act == "approve" || act == "decline" { // which come by that form alone
		act = ""
	}
	var err error
	switch act {
	case "approve":
		err = s.c.desk.Approve(r.Context(), v.visitor, id, r.PostFormValue("plan"), reason)
	case "decline":
		err = s.c.desk.Decline(r.Context(), v.visitor, id, reason)
	case "stop":
		err = s.c.desk.Stop(r.Context(), v.visitor, id, reason)
	case "check":
		err = s.c.desk.Check(r.Context(), v.visitor, id)
	case "undo":
		err = s.c.desk.Undo(r.Context(), v.visitor, id)
	default:
		s.c.tell(w, r, v, http.StatusNotFound, "There is no such form", "Nothing was done.")
		return
	}
	s.acted(w, r, v, act, err)
}

// acted shows the change again after a form, and why nothing was done where that is so. What was refused is on record.
func (s changePages) acted(w http.ResponseWriter, r *http.Request, v *visit, act string, err error) {
	if err == nil { // so that nobody sends the form again by loading the page again
		http.Redirect(w, r, root+"/changes/"+r.PathValue("id"), http.StatusSeeOther)
		return
	}
	status, title, text := explain(err)
	switch {
	case errors.Is(err, tools.ErrNoReason):
		s.renderChange(w, r, v, status, &alert{title, text})
	case status == http.StatusConflict, status == http.StatusForbidden:
		s.recordRefusal(r.Context(), v, r.PathValue("id"), act, err)
		s.renderChange(w, r, v, status, &alert{title, text})
	default:
		s.c.fail(w, r, v, err)
	}
}

// recordRefusal puts on record that a form was refused.
func (s changePages) recordRefusal(ctx context.Context, v *visit, id, act string, why error) {
	if err := s.c.desk.Refused(ctx, v.visitor, id, act, why); err != nil {
		s.c.log.WarnContext(ctx, "a refusal of the console could not be recorded", "change", id, "act", act, "err", err)
	}
}
