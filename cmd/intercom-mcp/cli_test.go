package main

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// TestGrammar holds that a command on its own is the command it is among all
// others: same help, same refusals, same flags of the program.
func TestGrammar(t *testing.T) {
	t.Parallel()
	// say parses args with a grammar and returns all that was printed, and the error.
	say := func(grammar any, args []string) string {
		var out bytes.Buffer
		h := &host{stdout: &out, stderr: &out, env: func(string) (string, bool) { return "", false }}
		parser, err := h.parser(t.Context(), grammar, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			out.WriteString("\n" + err.Error())
		}
		return out.String()
	}
	commands := 0
	for field := range reflect.TypeFor[cli]().Fields() {
		if _, command := field.Tag.Lookup("cmd"); !command {
			continue
		}
		commands++
		name := commandName(field)
		if alone := reflect.TypeOf(grammar([]string{name})).Elem(); alone == reflect.TypeFor[cli]() {
			t.Errorf("%s is not taken for a command", name)
		}
		for _, rest := range [][]string{
			{"--help"}, {"--no-such-flag"}, {"a", "b", "c", "d"}, {"--version"}, {"--token"}, {},
		} {
			args := slices.Concat([]string{name}, rest)
			if diff := cmp.Diff(say(&cli{}, args), say(grammar(args), args)); diff != "" {
				t.Errorf("%q (-among all +alone):\n%s", args, diff)
			}
		}
	}
	if commands == 0 {
		t.Error("no command was found")
	}
	for _, args := range [][]string{nil, {"--help"}, {"--version"}, {"stdioo"}, {"--no-such-flag", "stdio"}} {
		if whole := reflect.TypeOf(grammar(args)).Elem(); whole != reflect.TypeFor[cli]() {
			t.Errorf("%q leaves commands out", args)
		}
	}
}

// TestVariables holds that variables configure a program and decide nothing: a flag that is about one call, such as
// --yes, has none.
func TestVariables(t *testing.T) {
	t.Parallel()
	configuration := strings.Fields(`ACCESS_TOKEN API_VERSION ASK_TIMEOUT BASE_URL
		CONSOLE_CLIENT_ID CONSOLE_CLIENT_SECRET_FILE CONSOLE_LISTEN HTTP_ADDR HTTP_ALLOW_HOST HTTP_ALLOW_ORIGIN
		HTTP_AUDIENCE HTTP_GROUPS_CLAIM HTTP_IDLE_TIMEOUT HTTP_ISSUER HTTP_MAX_CALLS HTTP_MAX_CALLS_EACH HTTP_PERSON_CLAIM
		HTTP_ADMIN_ADDR HTTP_BEHIND_PROXY HTTP_TLS_CERT HTTP_TLS_KEY
		HTTP_PUBLIC_URL HTTP_REPLICAS HTTP_SCOPE_PREFIX HTTP_SHUTDOWN_DELAY HTTP_TOKENS LOG_FORMAT LOG_LEVEL MODE NO_ELICITATION NOTIFY NOTIFY_SECRET_FILE POLICY REGION SANDBOX SANDBOX_ADDR
		SANDBOX_BULK_DELAY SANDBOX_COMPANIES SANDBOX_CONTACTS SANDBOX_ESCAPE SANDBOX_FAULTS SANDBOX_LATENCY SANDBOX_NO_PREVIEW
		SANDBOX_RATE_LIMIT SANDBOX_SEARCH_LAG SANDBOX_SEED SEAL_KEYS STATE TIME_ZONE TOKEN_FILE TOOLSETS`)
	h := &host{env: func(string) (string, bool) { return "", false }}
	parser, err := h.parser(t.Context(), &cli{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	var visit func(node *kong.Node)
	visit = func(node *kong.Node) {
		for _, flag := range node.Flags {
			name, _ := strings.CutPrefix(flag.Tag.Get(variableTag), "INTERCOM_")
			if name != "" && !slices.Contains(configuration, name) {
				t.Errorf("%s: --%s has the variable INTERCOM_%s", node.FullPath(), flag.Name, name)
			}
			found[name] = true
		}
		for _, child := range node.Children {
			visit(child)
		}
	}
	visit(parser.Model.Node)
	for _, name := range configuration {
		if !found[name] {
			t.Errorf("no flag has the variable INTERCOM_%s", name)
		}
	}
}

// TestHelpOfMistakes names the help of the command in which a mistake was made.
func TestHelpOfMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range [][]string{
		{"Try: intercom-mcp --help", "exprot"}, {"Try: intercom-mcp export --help", "export", "contact"},
		{"Try: intercom-mcp export contacts --help", "export", "contacts", "--formt", "csv"},
		{"Try: intercom-mcp freeze --help", "freeze"},
	} {
		if code, _, stderr := output(t, test[1:]...); code != exitUsage || !strings.Contains(stderr, test[0]+"\n") {
			t.Errorf("%v exits with %d: %s", test[1:], code, stderr)
		}
	}
}

// TestHelpOfCommands prints the help of each command.
func TestHelpOfCommands(t *testing.T) {
	t.Parallel()
	var ask func(args []string, command reflect.Type)
	ask = func(args []string, command reflect.Type) {
		if code, stdout, stderr := output(t, append(args, "--help")...); code != exitOK ||
			!strings.Contains(stdout, "Usage: ") {
			t.Errorf("%v exits with %d: %s", args, code, stderr)
		} else if missing := regexp.MustCompile(` @\w+`).FindString(stdout); missing != "" {
			t.Errorf("%v: there is no help text%s", args, missing)
		}
		for field := range command.Fields() {
			if _, ok := field.Tag.Lookup("cmd"); ok {
				ask(append(slices.Clone(args), commandName(field)), field.Type)
			}
		}
	}
	ask(nil, reflect.TypeFor[cli]())
}

// TestVariablesAsPeopleWriteThem takes the blanks around a variable's value, and the case of one of a few words, for
// what they are.
func TestVariablesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, pairs := range [][]string{{"INTERCOM_MODE", "read "}, {"INTERCOM_REGION", " EU"},
		{"INTERCOM_API_VERSION", " 2.16\n"}, {"INTERCOM_LOG_LEVEL", "WARN"}, {"INTERCOM_BASE_URL", " "}} {
		out, log := newTape(), newTape()
		if code := run(t.Context(), []string{"call", "list_tags", "{}", "--sandbox"}, nil, out, log,
			environment(append(pairs, "HOME", t.TempDir())...)); code != exitOK {
			t.Errorf("%q: exit %d: %s%s", pairs, code, out, log)
		}
	}
}
