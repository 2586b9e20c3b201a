package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve"
)

// TestFilesThatCannotBeReadAgain leaves what was read before in force, and a line in the log that says why.
func TestFilesThatCannotBeReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if _, err := serve.TokenFile(path).New(serve.TokenLine{Name: "ann", Mode: policy.ModeRead}); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := serve.LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ file, want string }{
		"broken":        {"broken", `tokens:1: a line holds a digest, a name and a mode`},
		"doubled":       {string(good) + string(good), `tokens:2: a second line for one token`},
		"UTF-16":        {"\xff\xfea\x00", `tokens:1: the file is text in UTF-16`},
		"expired":       {strings.TrimSpace(string(good)) + " expires=2001-01-01T00:00:00Z\n", `"msg":"tokens reloaded"`},
		"a byte order":  {"\ufeff" + string(good), `"msg":"tokens reloaded"`},
		"no such month": {strings.TrimSpace(string(good)) + " expires=2027-13-01\n", `is no time such as`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := os.WriteFile(path, []byte(test.file), 0o600); err != nil {
					t.Fatal(err)
				}
				var log bytes.Buffer
				ctx, stop := context.WithCancel(t.Context())
				hangup := make(chan os.Signal, 1)
				go reloadAtEach(ctx, slog.New(slog.NewJSONHandler(&log, nil)), hangup, []reloadable{{"tokens", func() error {
					_, err := tokens.Reload()
					return err
				}}})
				hangup <- syscall.SIGHUP
				synctest.Wait()
				stop()
				synctest.Wait()
				if text := log.String(); !strings.Contains(text, test.want) || strings.Count(text, "\n") != 1 {
					t.Errorf("no %s in %s", test.want, text)
				}
			})
		})
	}
}
