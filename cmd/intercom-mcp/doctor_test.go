package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// TestDoctor names what is wrong, each by itself, and says what to do.
func TestDoctor(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, dir := range []string{".cursor", filepath.Join(".config", "Code", "User")} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) string {
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, test := range map[string]struct {
		spoil func(sb *sandbox.Sandbox)
		env   []string
		want  []string
		bad   int
	}{
		"well": {nil, nil, []string{"ok    token        of nora@sandbox.example", "ok    permissions", "ok    clock",
			"ok    policy       the built-in one, mode write", "where the first change finds"}, 0},
		"no token": {nil, []string{"INTERCOM_ACCESS_TOKEN", ""},
			[]string{"BAD   token        there is no access token"}, 1},
		"a pasted token": {nil, []string{"INTERCOM_ACCESS_TOKEN", "${TOKEN}"}, []string{"BAD   token", "placeholder"}, 1},
		"a refused token": {func(sb *sandbox.Sandbox) {
			sb.AddFault(sandbox.Fault{Path: "/me", Status: 401, Code: "unauthorized", Message: "Access Token Invalid"})
		}, nil, []string{"BAD   Intercom", "Copy the token anew"}, 1},
		"a permission is missing": {func(sb *sandbox.Sandbox) {
			sb.AddFault(sandbox.Fault{Path: "/tags", Status: 403, Code: "forbidden",
				Message: "You do not have the required scope (read_tags)"})
		}, nil, []string{"BAD   permission   tags cannot be read", "read_tags", "Switch the permission on"}, 1},
		"no preview": {func(sb *sandbox.Sandbox) {
			sb.AddFault(sandbox.Fault{Path: "/contacts/bulk/*", Status: 400, Code: "intercom_version_invalid"})
		}, nil, []string{"note  API", "one by one"}, 0},
		"a bad policy": {nil, []string{"INTERCOM_POLICY", write("policy.yaml", "mode: writ\n")},
			[]string{"BAD   policy", "No server starts"}, 1},
		"attributes that are not there": {nil, []string{"INTERCOM_POLICY", write("attributes.yaml",
			"masked: [custom_attributes.tier, custom_attributes.tire]\nrules:\n  - name: revenue\n    then: deny\n"+
				"    when: \"'company.custom_attributes.arrr' in fields\"\n")},
			[]string{"BAD   policy       masked names custom_attributes.tire, which is no attribute of the workspace; " +
				"nearest: \"tier\"",
				"BAD   policy       rule \"revenue\", line 3 names company.custom_attributes.arrr", "nearest: \"arr\""}, 2},
		"attributes that are there": {nil,
			[]string{"INTERCOM_POLICY", write("tier.yaml", "masked: [custom_attributes.tier]\n")},
			[]string{"ok    policy       all attributes that it names are there (1)"}, 0},
		"a state file of another program": {nil, []string{"INTERCOM_STATE", write("state.db", strings.Repeat("x", 4096))},
			[]string{"BAD   state"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sb := sandbox.New(sandbox.Options{Contacts: 5})
			if test.spoil != nil {
				test.spoil(sb)
			}
			server := httptest.NewServer(sb)
			defer server.Close()
			pairs := append(test.env, "HOME", home, "INTERCOM_ACCESS_TOKEN", "test", "INTERCOM_BASE_URL", server.URL)
			out, log := newTape(), newTape()
			code := run(t.Context(), []string{"doctor"}, nil, out, log, environment(pairs...))
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("not said: %s", want)
				}
			}
			if got := strings.Count(out.String(), "BAD "); got != test.bad || code == exitOK != (test.bad == 0) {
				t.Errorf("exit %d, %d bad, want %d: %s%s", code, got, test.bad, out, log)
			}
		})
	}
}

// TestDoctorLeavesState reads a file of an older version, and leaves it to the servers to migrate it.
func TestDoctorLeavesState(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 5)
	packed, err := os.Open("../../policy/change/sqlite/testdata/v8.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	before, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path("state.db"), before, 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _ := d.must("doctor")
	files, err := filepath.Glob(d.path("state.db*"))
	if err != nil || len(files) != 1 || !strings.Contains(stdout, "state.db, last change") {
		t.Errorf("%v %q: %s", err, files, stdout)
	}
	if after, err := os.ReadFile(d.path("state.db")); err != nil || !bytes.Equal(after, before) {
		t.Error("the file was changed", err)
	}
}

// TestDoctorBeforeFirstChange names no file of changes where it is unknown yet whether the workspace has one: only the
// folder in which the first change finds or makes it.
func TestDoctorBeforeFirstChange(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 5}))
	defer server.Close()
	home := t.TempDir()
	out := newTape()
	if code := run(t.Context(), []string{"doctor", "--base-url", server.URL, "--token", "t"}, nil, out, newTape(),
		environment("HOME", home)); code != exitOK || !strings.Contains(out.String(), "ok    state        in "+
		filepath.Join(home, ".local", "state", "intercom-mcp")+", where the first change finds the workspace's file, or") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestDoctorOfTeam tells of the latest change, whoever made it.
func TestDoctorOfTeam(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 5)
	url, _ := d.env("INTERCOM_BASE_URL")
	writeAs(t, "ann", url, d.path("state.db"), `{"contact":"external_id:u-10001","set":{"name":"Ann"}}`)
	if stdout, _ := d.must("doctor"); !regexp.MustCompile(`state +\S+state.db, last change 20`).MatchString(stdout) {
		t.Error(stdout)
	}
}

// TestDoctorClock tells of a clock that differs from Intercom's.
func TestDoctorClock(t *testing.T) {
	t.Parallel()
	ahead := sandbox.New(sandbox.Options{Contacts: 5, Now: func() time.Time { return time.Now().Add(time.Hour) }})
	server := httptest.NewServer(http.HandlerFunc(ahead.ServeHTTP))
	defer server.Close()
	out := newTape()
	code := run(t.Context(), []string{"doctor"}, nil, out, newTape(),
		environment("HOME", t.TempDir(), "INTERCOM_ACCESS_TOKEN", "test",
			"INTERCOM_BASE_URL", server.URL))
	if code == exitOK ||
		!regexp.MustCompile(`BAD   clock +this machine's clock differs from Intercom's by (1h0m|59m)`).MatchString(out.String()) {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestDoctorOddWorkspace tells what is wrong where a page answers, or the token is of no workspace.
func TestDoctorOddWorkspace(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		"<html>Sign in": {"a web page in place of JSON", "Check the network, --region and --base-url"},
		`{"type":"admin","id":"1","app":null}`: {"the access token belongs to no workspace: app is null",
			"Copy the token anew"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		out := newTape()
		run(t.Context(), []string{"doctor"}, nil, out, newTape(), environment("HOME", t.TempDir(), "INTERCOM_ACCESS_TOKEN",
			"test", "INTERCOM_BASE_URL", server.URL))
		server.Close()
		for _, words := range want {
			if !strings.Contains(out.String(), words) || strings.Contains(out.String(), "jsontext") {
				t.Errorf("%s: not said: %s: %s", body, words, out)
			}
		}
	}
}

// TestDoctorOfClient checks the server as the client starts it, where nothing else is named.
func TestDoctorOfClient(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 5}))
	defer server.Close()
	for token, want := range map[string][]string{
		"t": {"note  workspace    the settings of Cursor are checked", "ok    token        of nora@sandbox.example",
			"mode read"},
		"your token": {"BAD   token        the access token is the placeholder of an example"},
	} {
		env := environment("HOME", t.TempDir())
		// The placeholder is not taken as a token, but written where there is none.
		args := []string{"init", "--yes", "--client", "cursor", "--base-url", server.URL, "--mode", "read"}
		if token == "t" {
			args = append(args, "--token", token)
		}
		if code := run(t.Context(), args, strings.NewReader(""), newTape(), newTape(), env); code != exitOK {
			t.Fatal(code)
		}
		out := newTape()
		run(t.Context(), []string{"doctor"}, nil, out, newTape(), env)
		for _, want := range want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: not said: %s: %s", token, want, out)
			}
		}
	}
}

// TestDoctorOfClientWithFlags checks what flags name in the place of what the client starts the server with.
func TestDoctorOfClientWithFlags(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 5}))
	defer server.Close()
	home := t.TempDir()
	env := environment("HOME", home)
	if code := run(t.Context(), []string{"init", "--yes", "--client", "cursor", "--base-url", server.URL, "--mode", "read",
		"--token", "t"}, strings.NewReader(""), newTape(), newTape(), env); code != exitOK {
		t.Fatal(code)
	}
	policy := filepath.Join(home, "new.yaml")
	if err := os.WriteFile(policy, []byte("mode: full\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := newTape()
	run(t.Context(), []string{"doctor", "--policy", policy, "--mode", "full"}, nil, out, newTape(), env)
	if !strings.Contains(out.String(), policy+", mode full") ||
		!strings.Contains(out.String(), "of nora@sandbox.example") {
		t.Error(out)
	}
}

// TestDoctorReadOnlyHome tells of a home in which no change could be recorded, where it says so before the first.
func TestDoctorReadOnlyHome(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("every folder can be written to")
	}
	t.Parallel()
	home := t.TempDir()
	if err := os.Chmod(home, 0o500); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sandbox.New(sandbox.Options{}))
	defer server.Close()
	out := newTape()
	code := run(t.Context(), []string{"doctor", "--token", "t", "--base-url", server.URL}, nil, out, newTape(),
		environment("HOME", home))
	if code != exitFailed || !strings.Contains(out.String(), "BAD   state        the folder "+home+" cannot be written") {
		t.Errorf("%d %s", code, out)
	}
}

// TestInitWithoutHome names no clients where there is no home, and says what is missing.
func TestInitWithoutHome(t *testing.T) {
	t.Parallel()
	log := newTape()
	if code := run(t.Context(), []string{"init", "--yes"}, nil, newTape(), log, environment()); code != exitUsage ||
		!strings.Contains(log.String(), "no home directory") || strings.Contains(log.String(), "one of") {
		t.Errorf("%d %s", code, log)
	}
}

// TestInit connects the clients that are installed, or named, and asks before.
func TestInit(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".cursor"), 0o700); err != nil {
		t.Fatal(err)
	}
	env := environment("HOME", home)
	in := func(args ...string) (int, string, string) {
		out, log := newTape(), newTape()
		code := run(t.Context(), append([]string{"init"}, args...), strings.NewReader(""), out, log, env)
		return code, out.String(), log.String()
	}
	if code, _, stderr := in(); code != exitUsage || !strings.Contains(stderr, "init --yes, or in a terminal") {
		t.Errorf("%d %s", code, stderr)
	}
	if code, _, stderr := in("--client", "emacs"); code != exitUsage ||
		!strings.Contains(stderr, "claude-desktop, claude-code, cursor, vscode") {
		t.Errorf("%d %s", code, stderr)
	}
	code, stdout, stderr := in("--yes", "--region", "eu", "--mode", "read")
	if code != exitOK || !strings.Contains(stdout, "Cursor: start it again") ||
		!strings.Contains(stdout, `in the place of "your token"`) {
		t.Errorf("%d %s%s", code, stdout, stderr)
	}
	file, err := os.ReadFile(filepath.Join(home, ".cursor", "mcp.json"))
	if err != nil || !strings.Contains(string(file), `"INTERCOM_REGION": "eu"`) ||
		!strings.Contains(string(file), `"INTERCOM_MODE": "read"`) {
		t.Errorf("%v %s", err, file)
	}
	// Once more, nothing is written, and the file of before stays beside it.
	if code, stdout, _ := in("--yes", "--region", "eu", "--mode", "read"); code != exitOK ||
		!strings.Contains(stdout, "Cursor: connected already") {
		t.Errorf("%d %s", code, stdout)
	}
	if _, err := os.Stat(filepath.Join(home, ".cursor", "mcp.json.bak")); err == nil {
		t.Error("the file was written again")
	}
	if code, stdout, stderr := in("--yes", "--sandbox", "--client", "vscode"); code != exitOK ||
		!strings.Contains(stdout, "VS Code: start it again") {
		t.Errorf("%d %s%s", code, stdout, stderr)
	}
	out := newTape()
	run(t.Context(), []string{"doctor", "--sandbox"}, nil, out, newTape(), env)
	for _, want := range []string{"ok    client       Cursor starts ", "ok    client       VS Code starts "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("not said: %s: %s", want, out)
		}
	}
}

// TestInitKeepsToken leaves the token that a client has where none is given, and says whose place the server takes.
func TestInitKeepsToken(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	list := filepath.Join(home, ".cursor", "mcp.json")
	if err := os.MkdirAll(filepath.Dir(list), 0o700); err != nil {
		t.Fatal(err)
	}
	in := func(args ...string) string {
		out, log := newTape(), newTape()
		if code := run(t.Context(), append([]string{"init", "--yes"}, args...), nil, out, log,
			environment("HOME", home)); code != exitOK {
			t.Fatalf("%q exits with %d: %s", args, code, log)
		}
		return out.String()
	}
	for _, has := range []string{`"INTERCOM_ACCESS_TOKEN": "secret-1"`, `"INTERCOM_TOKEN_FILE": "/token"`} {
		if err := os.WriteFile(list, []byte(`{"mcpServers": {"intercom": {"command": "x", "args": [], "env": {`+has+`}}}}`),
			0o600); err != nil {
			t.Fatal(err)
		}
		said := in("--region", "eu")
		file, err := os.ReadFile(list)
		if err != nil || !strings.Contains(string(file), has) || !strings.Contains(string(file), `"eu"`) ||
			strings.Contains(string(file)+said, "your token") {
			t.Errorf("%s becomes %s, %v: %s", has, file, err, said)
		}
	}
	in("--token", "secret-2")
	if file, err := os.ReadFile(list); err != nil || !strings.Contains(string(file), "secret-2") ||
		strings.Contains(string(file), "/token") {
		t.Errorf("%s, %v", file, err)
	}
	in("--name", "my/inter~com", "--token", "secret-3")
	if file, err := os.ReadFile(list); err != nil || !strings.Contains(string(file), `"my/inter~com": {`) {
		t.Errorf("%s, %v", file, err)
	}
	if err := os.WriteFile(list, []byte(`{"mcpServers": {"intercom": {"url": "https://mcp.intercom.com/mcp"}}}`),
		0o600); err != nil {
		t.Fatal(err)
	}
	out := newTape()
	run(t.Context(), []string{"doctor", "--sandbox"}, nil, out, newTape(), environment("HOME", home))
	if !strings.Contains(out.String(), "note  client       Cursor calls https://mcp.intercom.com/mcp\n") {
		t.Error(out)
	}
}
