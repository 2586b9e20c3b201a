package serve

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// A byte order mark before the first message, as PowerShell writes it, and lines of nothing but white space are no
// messages and no errors.
func TestStdioPassesOverWhatIsNoMessage(t *testing.T) {
	for name, before := range map[string]string{
		"byte order mark": "\ufeff", "CRLF": "\r\n\r\n", "blanks": "  \r\n\t\n", "both": "\ufeff\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			p := connect(t, options(t, scripted{}))
			p.send("%s", before+`{"jsonrpc":"2.0","id":1,"method":"ping"}`+"\r")
			if w := p.receive(); string(w.ID) != "1" || w.Error != nil {
				t.Errorf("the response is %+v", w)
			}
			p.send("\r\n \n" + `{"jsonrpc":"2.0","id":2,"method":"ping"}`)
			if w := p.receive(); string(w.ID) != "2" || w.Error != nil {
				t.Errorf("the next response is %+v", w)
			}
		})
	}
}

// Who ends lines with a carriage return alone learns it once, without having closed its output; what came alone, and
// may have a line feed on its way, is answered.
func TestStdioTellsOfCarriageReturns(t *testing.T) {
	const first = `{"jsonrpc":"2.0","id":0,"method":"ping"}` + "\r"
	const more = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\r" + `{"jsonrpc":"2.0","id":2,"method":"ping"}` + "\r"
	for name, test := range map[string]struct {
		writes  []string
		refused string // the id
	}{
		"at once": {[]string{first + more}, "0"}, "one by one": {[]string{first, more}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := connect(t, options(t, scripted{}))
				for _, text := range test.writes {
					go fmt.Fprint(p.in, text)
					w := p.receive()
					refused := w.Error != nil && strings.Contains(w.Error.Message, "line feed")
					if refused != (string(w.ID) == test.refused) {
						t.Errorf("the response is %+v", w)
					}
				}
				go fmt.Fprint(p.in, "\n"+`{"jsonrpc":"2.0","id":"next","method":"ping"}`+"\n")
				if w := p.receive(); string(w.ID) != `"next"` || w.Error != nil {
					t.Errorf("the next response is %+v", w)
				}
			})
		})
	}
}

func TestStdioTakesLinesHoweverTheyArrive(t *testing.T) {
	p := connect(t, options(t, scripted{}))
	all := "\n" + `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\r\n" + `{"jsonrpc":"2.0","id":2,"method":"ping"}` + "\n" +
		`{"jsonrpc":"2.0","id":3,"method":"ping"}`
	go func() {
		for _, b := range []byte(all) {
			p.in.Write([]byte{b})
		}
		p.in.Close()
	}()
	seen := map[string]bool{}
	for range 3 {
		seen[string(p.receive().ID)] = true
	}
	if len(seen) != 3 {
		t.Errorf("answered %v", seen)
	}
	if err := p.ended(); err != nil {
		t.Error(err)
	}
}

// Clients put the id first or last; either way they learn which request it was.
func TestStdioTellsTheIDOfALineOverTheLimit(t *testing.T) {
	long := strings.Repeat("x", 3*jsonrpc.MaxMessage)
	for line, want := range map[string]string{
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"id":5,"x":"` + long + `"}}`: "1",
		`{"method":"ping","params":{"id":5,"x":"` + long + `"},"jsonrpc":"2.0","id":1}`: "1",
		`{"method":"ping","params":{"id":5,"x":"` + long + `"},"jsonrpc":"2.0"}`:        "null",
	} {
		p := connect(t, options(t, scripted{}))
		p.send("%s", line)
		if w := p.receive(); string(w.ID) != want || w.Error == nil || !strings.Contains(w.Error.Message, "512 KiB") {
			t.Errorf("%.40s…: the response is %+v, want the id %q", line, w, want)
		}
	}
}
