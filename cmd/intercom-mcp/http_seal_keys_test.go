package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnswerAfterRestart answers a server's question to the next server, which accepts it with the same keys and the
// same state file.
func TestAnswerAfterRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	intercom := launch(t, nil, environment(), "sandbox", "--addr", "127.0.0.1:0", "--log-level", "error")
	base := intercom.stdout.await(t, `listens on (http://\S+)`)
	_, body := get(t, base+"/contacts?per_page=1")
	var list struct{ Data []struct{ ID string } }
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Data) == 0 {
		t.Fatalf("%v: %s", err, body)
	}
	for _, test := range []struct {
		name string
		keys []string // of the first server and the second
		says string
	}{
		{"other keys", []string{"a", "b"}, "not issued by this server"},
		{"same keys", []string{"a", "a"}, `"status":"applied"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var state, answer string
			for _, keys := range test.keys {
				env := environment("INTERCOM_ACCESS_TOKEN", "test", "INTERCOM_SEAL_KEYS", filepath.Join(dir, keys))
				server := launch(t, nil, env, "http", "--addr", "127.0.0.1:0", "--base-url", base,
					"--state", filepath.Join(dir, "state.db"))
				url := server.stderr.await(t, `"url":"(http://[^"]+/mcp)"`)
				answer = updatePhone(t, url, list.Data[0].ID, state)
				var w struct{ Result struct{ RequestState string } }
				if err := json.Unmarshal([]byte(answer), &w); err != nil {
					t.Fatalf("%v: %s", err, answer)
				}
				state = w.Result.RequestState
				server.stop()
				if code := <-server.code; code != exitOK {
					t.Fatalf("exit code %d: %s", code, server.stderr)
				}
			}
			if !strings.Contains(strings.ReplaceAll(answer, `\"`, `"`), test.says) {
				t.Errorf("the answer was answered %s", answer)
			}
		})
	}
	intercom.stop()
	<-intercom.code
}

// updatePhone makes a call that the default policy asks the user about. With the state of a question it says yes.
func updatePhone(t *testing.T, url, contact, state string) string {
	t.Helper()
	var yes string
	if state != "" {
		const accept = `"inputResponses":{"confirm":{"action":"accept","content":{"confirm":true}}}`
		yes = fmt.Sprintf(`"requestState":%q,%s,`, state, accept)
	}
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"update_contact",`+
		`"arguments":{"contact":%q,"set":{"phone":"+353861234567"}},%s`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",`+
		`"io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}}`, contact, yes)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json", "Mcp-Protocol-Version": "2026-07-28",
		"Mcp-Method": "tools/call", "Mcp-Name": "update_contact",
	} {
		request.Header.Set(name, value)
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
