package console

import (
	"net/http"
	"strings"
	"testing"
)

// TestSignIn lets in whom the identity provider names, and shows each what they may see.
func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := w.open()
	for _, path := range []string{"/console", "/console/changes", "/console/trail", "/console/freeze",
		"/console/changes/chg_00000000000000000000000000", "/console/changes/chg_00000000000000000000000000/progress",
		"/console/changes/chg_00000000000000000000000000/rows.csv"} {
		if status, page := stranger.get(path); status != http.StatusUnauthorized || !strings.Contains(page, "Sign in at") {
			t.Errorf("%s without a session: %d %s", path, status, page)
		}
	}
	if status, page := stranger.get("/console/trail", "Sec-Fetch-Site", "cross-site"); status != http.StatusOK ||
		!strings.Contains(page, `content="0;url=/console/trail"`) {
		t.Errorf("a link from elsewhere, which brings no cookie: %d %s", status, page)
	}
	nora := w.signIn("nora")
	if status, page := nora.get("/console"); status != http.StatusOK || !strings.Contains(page, "Nora Lindqvist") {
		t.Errorf("%d %s", status, page)
	}
	for _, path := range []string{"/console/nothing", "/console/changes/chg_1", "/console/assets/nothing"} {
		if status, page := nora.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, page)
		}
	}
}
