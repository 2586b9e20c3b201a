package auth

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

// TestTokenLines reads what may follow the mode, writes it as it was, and refuses what it does not know.
func TestTokenLines(t *testing.T) {
	for text, want := range map[string]string{
		"ann write": "", "ann write roles=ops,leads person=ann@x.example expires=2027-01-31T00:00:00Z": "",
		"ann write role=ops": `"role" is unknown`, "ann write roles=": `"roles=" says nothing`,
		"ann write roles":           "says nothing",
		"ann write roles=a roles=b": "roles is there twice", "ann write roles=a,,b": `the role "" must be`,
		"ann write roles=approver":   "for people who sign in at the console",
		"ann write person=ann":       "must be an e-mail address",
		"ann write expires=tomorrow": "is no time such as", "ann write expires=2027-01-31": "is no time such as",
	} {
		line, err := parseToken(digest + " " + text)
		switch {
		case want == "" && (err != nil || line.String() != digest+" "+text):
			t.Errorf("%q becomes %q, %v", text, line, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for second, want := range map[string]string{
		"ann read roles=a": "", "ann read roles=b": `has the roles "a"`, "ann read": `has the roles "a"`,
		"ann read roles=a person=a@x.example": `has the person ""`, "ann read roles=a expires=2027-01-31T00:00:00Z": "",
	} {
		_, err := parseTokens([]byte(digest + " ann read roles=a\n" + digest[1:] + "0 " + second))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", second, err, want)
		}
	}
}

// TestTokenFileEdits rotates and revokes tokens: comments and other lines stay, and the old token ends when it is said.
func TestTokenFileEdits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "tokens")
		file := TokenFile(path)
		const comment = "# who may call"
		if err := os.WriteFile(path, []byte(comment+"\n\n"+digest+" bob read\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ann := TokenLine{Name: "ann", Mode: policy.ModeWrite, Roles: []string{"ops"}, Person: "ann@x.example"}
		old, err := file.New(ann)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.New(ann); err == nil || !strings.Contains(err.Error(), `"intercom-mcp token rotate ann"`) {
			t.Errorf("a second line of a name: %v", err)
		}
		tokens, err := LoadTokens(path)
		if err != nil {
			t.Fatal(err)
		}
		made, err := file.Rotate("ann", time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if gone, err := tokens.Reload(); err != nil || gone != nil {
			t.Fatal(gone, err)
		}
		who, ok := tokens.Find(old)
		if !ok || !slices.Equal(who.Roles, []string{"ops"}) || who.Person.Email != "ann@x.example" {
			t.Errorf("the old token is %+v, %t", who, ok)
		}
		ended := make(chan struct{})
		forget := who.OnWithdrawal(func() { close(ended) })
		defer forget()
		time.Sleep(time.Hour)
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Error("what the old token began goes on")
		}
		if _, ok := tokens.Find(old); ok {
			t.Error("the old token goes on")
		}
		if _, ok := who.Now(); ok {
			t.Error("a request with the old token goes on")
		}
		if who, ok := tokens.Find(made); !ok || who.Name != "ann" || !slices.Equal(who.Roles, []string{"ops"}) {
			t.Errorf("the new token is %+v, %t", who, ok)
		}
		lines, err := file.List()
		if err != nil || len(lines) != 3 {
			t.Fatal(lines, err)
		}
		if _, err := file.Revoke("ann", "zz"); err == nil {
			t.Error("a line that is not there is removed")
		}
		if n, err := file.Revoke("ann", fmt.Sprintf("%x", lines[1].Digest)[:8]); n != 1 || err != nil {
			t.Error(n, err)
		}
		if n, err := file.Revoke("ann", ""); n != 1 || err != nil {
			t.Error(n, err)
		}
		if raw, err := os.ReadFile(path); err != nil || string(raw) != comment+"\n\n"+digest+" bob read\n" {
			t.Errorf("%v: %s", err, raw)
		}
		if gone, err := tokens.Reload(); err != nil || !slices.Equal(gone, []string{"ann"}) {
			t.Error(gone, err)
		}
		if _, err := file.Rotate("ann", time.Now()); err == nil {
			t.Error("nobody's token is rotated")
		}
	})
}

// TestTokenFileEditedElsewhere leaves a file alone that somebody else edits, or that is not right.
func TestTokenFileEditedElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	line := TokenLine{Name: "ann", Mode: policy.ModeWrite}
	if err := os.WriteFile(path+".new", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := TokenFile(path).New(line); err == nil || !strings.Contains(err.Error(), "somebody else edits it") {
		t.Error(err)
	}
	if err := os.Remove(path + ".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := TokenFile(path).New(line); err == nil {
		t.Error("a broken file is edited")
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "broken\n" {
		t.Errorf("%v %s", err, raw)
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("a file is left")
	}
}
