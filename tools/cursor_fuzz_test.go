package tools

import (
	"testing"

	"intercom-mcp/tools/toolerr"

	"intercom-mcp/tools/internal/directory"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecodeCursor reads any text as a cursor: it is refused, or a position
// within bounds that is bound to its call.
func FuzzDecodeCursor(f *testing.F) {
	f.Add(encodeCursor(position{Page: "starting_after=abc", Skip: 3, Size: 20}, "bound"), "bound")
	f.Add(encodeCursor(position{Size: 150}, ""), "")
	f.Add("", "bound")
	f.Add("eyJuIjotMX0", "")
	f.Add("e30", "")
	f.Fuzz(func(t *testing.T, text, binding string) {
		got, err := decodeCursor(text, binding, 20)
		if err != nil {
			if toolErr, ok := err.(*toolerr.Error); !ok || toolErr.Code != toolerr.InvalidArgument || toolErr.Next == "" {
				t.Fatalf("the error teaches nothing: %v", err)
			}
			return
		}
		if got.Size < 1 || got.Size > directory.PageOfContacts || got.Skip < 0 || got.Skip > maxSkip {
			t.Fatalf("out of bounds: %+v", got)
		}
		if text == "" {
			return
		}
		if _, err := decodeCursor(text, binding+"x", 20); err == nil {
			t.Fatal("taken for another call's")
		}
		again, err := decodeCursor(encodeCursor(got, binding), binding, 20)
		if err != nil || !cmp.Equal(got, again, cmp.AllowUnexported(position{})) {
			t.Fatalf("%+v is %+v again, %v", got, again, err)
		}
	})
}
