package render

import (
	"testing"

	"intercom-mcp/tools/toolerr"

	"intercom-mcp/tools/internal/directory"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecodeCursor reads any text as a cursor: it is refused, or a position
// within bounds that is bound to its call.
func FuzzDecodeCursor(f *testing.F) {
	f.Add(encodeCursor(Position{Page: "starting_after=abc", Skip: 3, Size: 20}, "bound"), "bound")
	f.Add(encodeCursor(Position{Size: 150}, ""), "")
	f.Add("", "bound")
	f.Add("eyJuIjotMX0", "")
	f.Add("e30", "")
	f.Fuzz(func(t *testing.T, text, binding string) {
		got, err := DecodeCursor(text, binding, 20)
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
		if _, err := DecodeCursor(text, binding+"x", 20); err == nil {
			t.Fatal("taken for another call's")
		}
		again, err := DecodeCursor(encodeCursor(got, binding), binding, 20)
		if err != nil || !cmp.Equal(got, again, cmp.AllowUnexported(Position{})) {
			t.Fatalf("%+v is %+v again, %v", got, again, err)
		}
	})
}
