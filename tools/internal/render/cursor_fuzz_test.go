package render

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

// TestDecodeAlteredCursor alters a cursor in each character, leaves each out, and swaps neighbours: no position is read
// from what comes of it.
func TestDecodeAlteredCursor(t *testing.T) {
	cursor := encodeCursor(Position{Page: "starting_after=WzE3NjE3OTc1OD", Skip: 2, Size: 150}, "vvdIQ-dXzlub")
	if _, err := DecodeCursor(cursor, "vvdIQ-dXzlub", 150); err != nil {
		t.Fatal(err)
	}
	var altered []string
	for i := range cursor {
		altered = append(altered, cursor[:i]+cursor[i+1:])
		for _, c := range "aZ09-_" {
			altered = append(altered, cursor[:i]+string(c)+cursor[i+1:])
		}
		if i > 0 {
			altered = append(altered, cursor[:i-1]+cursor[i:i+1]+cursor[i-1:i]+cursor[i+1:])
		}
	}
	for _, text := range altered {
		if at, err := DecodeCursor(text, "vvdIQ-dXzlub", 150); text != cursor && err == nil {
			t.Errorf("%q is read as %+v", text, at)
		}
	}
	if _, err := DecodeCursor(cursor[:20]+"a"+cursor[21:], "vvdIQ-dXzlub", 150); err == nil ||
		!strings.Contains(err.Error(), "cursor: this cursor was altered. Copy it as it is") {
		t.Error(err)
	}
}

// FuzzDecodeCursor reads any text as a cursor, as it is and with a checksum: it is refused, or a position within bounds
// that is bound to its call.
func FuzzDecodeCursor(f *testing.F) {
	f.Add(encodeCursor(Position{Page: "starting_after=abc", Skip: 3, Size: 20}, "bound"), "bound")
	f.Add(encodeCursor(Position{Size: 150}, ""), "")
	f.Add("", "bound")
	f.Add(`{"n":-1}`, "")
	f.Add("{}", "")
	f.Fuzz(func(t *testing.T, text, binding string) {
		decodeAny(t, text, binding)
		decodeAny(t, base64.RawURLEncoding.EncodeToString(withSum([]byte(text))), binding)
	})
}

func decodeAny(t *testing.T, text, binding string) {
	t.Helper()
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
}
