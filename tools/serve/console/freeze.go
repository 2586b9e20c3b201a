package console

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"intercom-mcp/policy/change"
)

// freezePage shows whether writes are frozen.
type freezePage struct {
	Freeze  *change.Freeze
	Problem string
}

// showFreeze shows whether writes are frozen, and to an operator the form for it.
func (s recordPages) showFreeze(w http.ResponseWriter, r *http.Request, v *visit) {
	s.renderFreeze(w, r, v, http.StatusOK, "")
}

func (s recordPages) renderFreeze(w http.ResponseWriter, r *http.Request, v *visit, status int, problem string) {
	p := freezePage{Problem: problem}
	freeze, frozen, err := s.c.desk.Frozen(r.Context())
	if err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	if frozen {
		p.Freeze = &freeze
	}
	s.c.render(w, r, status, v, "freeze.html", "Freeze", p)
}

// freeze refuses all writes.
func (s recordPages) freeze(w http.ResponseWriter, r *http.Request, v *visit) {
	reason := oneLine(r.PostFormValue("reason"))
	if reason == "" {
		s.renderFreeze(w, r, v, http.StatusBadRequest, "Say why: it is told to all whose writes are refused.")
		return
	}
	s.frozen(w, r, v, s.c.desk.Freeze(r.Context(), v.visitor, reason))
}

// unfreeze allows writes again.
func (s recordPages) unfreeze(w http.ResponseWriter, r *http.Request, v *visit) {
	_, err := s.c.desk.Unfreeze(r.Context(), v.visitor)
	s.frozen(w, r, v, err)
}

// frozen shows the freeze again after a form.
func (s recordPages) frozen(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if err == nil {
		http.Redirect(w, r, root+"/freeze", http.StatusSeeOther)
		return
	}
	status, _, text := explain(err)
	if status == http.StatusConflict || status == http.StatusForbidden {
		s.renderFreeze(w, r, v, status, text)
		return
	}
	s.c.fail(w, r, v, err)
}

// maxReason bounds what a person says, in characters.
const maxReason = 500

// oneLine is what a person says, on one line, cut to what records take.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if utf8.RuneCountInString(text) > maxReason {
		text = string([]rune(text)[:maxReason])
	}
	return text
}
