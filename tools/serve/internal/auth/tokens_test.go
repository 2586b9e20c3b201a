package auth

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/policy"
)

const digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestTokenFiles(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"good":          {"# who may call\n\n" + digest + " ann write\n  " + digest[1:] + "0\tbob   read\r\n", ""},
		"empty":         {"", ""},
		"byte order":    {"\ufeff" + digest + " ann write\n", ""},
		"UTF-16":        {"\xff\xfe9\x00f\x00", "1: the file is text in UTF-16"},
		"expired":       {digest + " ann write expires=2001-01-01T00:00:00Z", ""},
		"short line":    {"\n" + digest + " ann", "2: a line holds"},
		"short digest":  {digest[2:] + " ann read", "1: the digest"},
		"no hex":        {"x" + digest[1:] + " ann read", "1: the digest"},
		"no such mode":  {digest + " ann admin", `1: mode "admin"`},
		"bad name":      {digest + " -ann read", `1: the name "-ann"`},
		"name of local": {digest + " local read", `1: the name "local"`},
		"two of a name": {digest + " ann write\n" + digest[1:] + "0 ann write", ""},
		"two modes":     {digest + " ann read\n" + digest[1:] + "0 ann full", `2: another line of "ann" has mode read`},
		"twice":         {digest + " ann read\n" + digest + " bob read", "2: a second line for one token"},
		"endless line":  {strings.Repeat("x", 1<<17), "1: bufio.Scanner: token too long"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tokens")
			if err := os.WriteFile(path, []byte(test.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := LoadTokens(path)
			if test.want == "" && err != nil || test.want != "" &&
				(err == nil || !strings.Contains(err.Error(), path+":"+test.want)) {
				t.Errorf("LoadTokens returned %v, want %q", err, test.want)
			}
		})
	}
}

func TestReloadKeepsWhatItCannotReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	token, err := TokenFile(path).New(TokenLine{Name: "ann", Mode: policy.ModeWrite})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Reload(); err == nil {
		t.Error("a broken file was taken")
	}
	if who, ok := tokens.Find(token); !ok || who.Name != "ann" || who.Mode != policy.ModeWrite {
		t.Errorf("the token now is %v, %v", who, ok)
	}
}

func TestNewToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("# no line feed at the end"), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := TokenFile(path).New(TokenLine{Name: "ann", Mode: policy.ModeRead})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), token) {
		t.Error("the file holds the token itself")
	}
	tokens, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	if who, ok := tokens.Find(token); !ok || who.Name != "ann" {
		t.Errorf("the token is %v, %v", who, ok)
	}
	for _, name := range []string{"ann", "local", "", "a b", "a\nb"} {
		if _, err := TokenFile(path).New(TokenLine{Name: name, Mode: policy.ModeFull}); err == nil { // ann has another mode
			t.Errorf("a token for %q", name)
		}
	}
	if again, _ := os.ReadFile(path); string(again) != string(raw) {
		t.Errorf("refused tokens changed the file to %s", again)
	}
}

// TestRotation replaces a token: both go until the first one's line is removed, and the name is gone with its last
// line.
func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	first, err := TokenFile(path).New(TokenLine{Name: "ann", Mode: policy.ModeWrite})
	if err != nil {
		t.Fatal(err)
	}
	next, err := TokenFile(path).Rotate("ann", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	made := []string{first, next}
	tokens, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, second, _ := strings.Cut(string(raw), "\n")
	for left, want := range []struct {
		file string
		gone string
		goes [2]bool
	}{{string(raw), "", [2]bool{true, true}}, {second, "", [2]bool{false, true}}, {"", "ann", [2]bool{}}} {
		if err := os.WriteFile(path, []byte(want.file), 0o600); err != nil {
			t.Fatal(err)
		}
		gone, err := tokens.Reload()
		if err != nil || strings.Join(gone, " ") != want.gone {
			t.Errorf("step %d: gone: %v, %v", left, gone, err)
		}
		for i, token := range made {
			if who, ok := tokens.Find(token); ok != want.goes[i] || ok && who.Name != "ann" {
				t.Errorf("step %d: token %d: %v, %t", left, i, who, ok)
			}
		}
	}
}

// The scheme of the Authorization header counts in whatever case, as RFC 9110 has it, and no other scheme does.
func TestAdmitSchemes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	token, err := TokenFile(path).New(TokenLine{Name: "ann", Mode: policy.ModeWrite})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	const unknown = `Bearer realm="intercom-mcp", error="invalid_token", error_description="the token is unknown or was withdrawn"`
	for header, challenge := range map[string]string{
		"Bearer " + token:        "",
		"bearer " + token:        "",
		"BEARER " + token:        "",
		"Bearer  " + token + " ": "",
		"Bearer " + token + "x":  unknown,
		"Basic " + token:         `Bearer realm="intercom-mcp"`,
		"Bearers " + token:       `Bearer realm="intercom-mcp"`,
		"Bearer ":                `Bearer realm="intercom-mcp"`,
		token:                    `Bearer realm="intercom-mcp"`,
		"":                       `Bearer realm="intercom-mcp"`,
	} {
		r, w := httptest.NewRequest("POST", "/mcp", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", header)
		who, err := (&Bearer{Tokens: tokens}).Admit(w, r)
		ok := err == nil
		if ok != (challenge == "") || ok && who.Name != "ann" || !ok && w.Code != 401 ||
			w.Header().Get("WWW-Authenticate") != challenge {
			t.Errorf("%.10q is admitted as %q, %t, with %d and the challenge %q", header, who.Name, ok, w.Code,
				w.Header().Get("WWW-Authenticate"))
		}
	}
}

// TestReloadNamesTheGone returns the names of which no line is left, and no others.
func TestReloadNamesTheGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	lines := make(map[string]string)
	for _, name := range []string{"ann", "ben", "cleo"} {
		if _, err := TokenFile(path).New(TokenLine{Name: name, Mode: policy.ModeWrite}); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Split(strings.TrimSpace(string(raw)), "\n")
		lines[name] = all[len(all)-1]
	}
	tokens, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ left, gone []string }{{[]string{"ann", "ben"}, []string{"cleo"}},
		{[]string{"ben", "ann"}, nil}, {nil, []string{"ben", "ann"}}} {
		var text string
		for _, name := range step.left {
			text += lines[name] + "\n"
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if gone, err := tokens.Reload(); err != nil || !slices.Equal(gone, step.gone) {
			t.Errorf("left %q: gone %q, %v, want %q", step.left, gone, err, step.gone)
		}
		for name := range lines {
			if tokens.Lacks(name) == slices.Contains(step.left, name) {
				t.Errorf("left %q: lacks %s: %t", step.left, name, tokens.Lacks(name))
			}
		}
		for _, other := range []string{Local.Name, "https://id.example.com#ann"} {
			if tokens.Lacks(other) {
				t.Errorf("it lacks %s, which is none of a file", other)
			}
		}
	}
}

// TestExpirySetAnew ends what a token began at the expiry that the file gives it by then: sooner or later than when it
// began, or at once where the token is withdrawn.
func TestExpirySetAnew(t *testing.T) {
	for name, test := range map[string]struct {
		before, now string
		ends        time.Duration // from the reload; 0: not within two hours
	}{
		"shortened": {digest + " ann read expires=2000-01-01T01:30:00Z",
			digest + " ann read expires=2000-01-01T01:00:00Z", 50 * time.Minute},
		"set":          {digest + " ann read", digest + " ann read expires=2000-01-01T01:00:00Z", 50 * time.Minute},
		"over already": {digest + " ann read", digest + " ann read expires=2000-01-01T00:05:00Z", time.Nanosecond},
		"made longer": {digest + " ann read expires=2000-01-01T01:00:00Z",
			digest + " ann read expires=2000-01-01T01:30:00Z", 80 * time.Minute},
		"taken away":      {digest + " ann read expires=2000-01-01T01:00:00Z", digest + " ann read", 0},
		"token withdrawn": {digest + " ann read expires=2000-01-01T01:00:00Z", "", time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // which begins at 2000-01-01
				path := filepath.Join(t.TempDir(), "tokens")
				load := func(line string) {
					if err := os.WriteFile(path, []byte(line+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				load(test.before)
				tokens, err := LoadTokens(path)
				if err != nil {
					t.Fatal(err)
				}
				who, _ := (*tokens.entries.Load())[0].principal()
				ended := make(chan struct{})
				forget := who.OnWithdrawal(func() { close(ended) })
				defer forget()
				time.Sleep(10 * time.Minute)
				load(test.now)
				if _, err := tokens.Reload(); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				select {
				case <-ended:
				case <-time.After(2 * time.Hour):
				}
				took := time.Since(began)
				if want := test.ends.Truncate(time.Second); test.ends > 0 && took != want || test.ends == 0 && took != 2*time.Hour {
					t.Errorf("it ended after %v", took)
				}
			})
		})
	}
}
