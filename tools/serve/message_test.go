package serve

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzMessage holds that a message which is let through means the same to
// mcp-go, and that its id survives.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		modernCall, askingHello,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
		`{"jsonrpc":"2.0","id":"a","result":{}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}`,
		`{"jsonrpc":"2.0","id":-9007199254740991,"method":"x"}`, `{"jsonrpc":"2.0","id":1e3,"method":"x"}`, `[]`, `{"\u006dethod":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, refused := readMessage(raw)
		if refused != nil {
			return
		}
		var theirs struct {
			JSONRPC string
			ID      any
			Method  string
			Result  any
		}
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatalf("mcp-go can not read it: %v", err)
		}
		if theirs.Method != m.method || (theirs.ID != nil) != (m.id != nil) || theirs.JSONRPC != "2.0" {
			t.Errorf("read as %+v and as %+v", m, theirs)
		}
		if m.id != nil {
			id, err := json.Marshal(theirs.ID)
			var ours any
			if err != nil || json.Unmarshal(m.id, &ours) != nil {
				t.Fatal(err)
			}
			if again, _ := json.Marshal(ours); string(again) != string(id) || m.id[0] != '"' && string(id) != string(m.id) {
				t.Errorf("the id %s comes back as %s", m.id, id)
			}
		}
		if m.args != nil {
			checkOutline(t, m)
		}
	})
}

// checkOutline holds that a message without its arguments is the same otherwise.
func checkOutline(t *testing.T, m message) {
	outline, err := m.withoutArguments()
	if err != nil {
		t.Fatal(err)
	}
	var whole, rest struct {
		ID     any
		Method string
		Params map[string]any
	}
	if json.Unmarshal(m.raw, &whole) != nil || json.Unmarshal(outline, &rest) != nil {
		t.Fatalf("%s becomes %s", m.raw, outline)
	}
	delete(whole.Params, "arguments")
	if !reflect.DeepEqual(whole, rest) {
		t.Errorf("%s becomes %s", m.raw, outline)
	}
}
