package directory

import (
	"strings"
	"testing"

	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// FuzzParseReference reads any text as a reference: it is refused, or exactly
// one of id, key and name, none of which can lead a request astray.
func FuzzParseReference(f *testing.F) {
	for _, seed := range []string{
		"6762f0d01bb69f9f2193bb7d", " 6762F0D01BB69F9F2193BB7D ", "external_id:u-1", "external_id:", "external_id:..",
		"ada@example.com", "Acme Inc",
		"https://app.intercom.com/a/apps/abc/users/6762f0d01bb69f9f2193bb7d/all-conversations",
		"https://app.intercom.com@evil.example/users/6762f0d01bb69f9f2193bb7d",
		"https://evilintercom.com/users/6762f0d01bb69f9f2193bb7d", "https://%zz/", "../admins", "a%2Fb", "", "a\u202eb",
		"a\x00b", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, str string) {
		ref, err := ParseReference(str, "external_id", "users", "contacts")
		if err != nil {
			if toolErr, ok := err.(*toolerr.Error); !ok || toolErr.Code != toolerr.InvalidArgument || toolErr.Next == "" ||
				toolErr.Message != text.Clean(toolErr.Message) {
				t.Fatalf("the error teaches nothing, or shows what it should not: %q", err)
			}
			if ref != (reference{}) {
				t.Fatalf("both %+v and %v", ref, err)
			}
			return
		}
		given := 0
		for _, part := range []string{ref.ID, ref.Key, ref.Name} {
			if part != "" {
				given++
			}
			if part != text.Clean(part) || len(part) > maxReference {
				t.Fatalf("%q", part)
			}
		}
		if given != 1 {
			t.Fatalf("not one of the three: %+v", ref)
		}
		if ref.ID != "" && !objectID().MatchString(ref.ID) {
			t.Fatalf("no id: %q", ref.ID)
		}
		if ref.Key == "." || ref.Key == ".." {
			t.Fatalf("the key %q is a path", ref.Key)
		}
		if ref.ID != "" && !strings.Contains(strings.ToLower(str), ref.ID) {
			t.Fatalf("%q does not hold the id %q", str, ref.ID)
		}
	})
}
