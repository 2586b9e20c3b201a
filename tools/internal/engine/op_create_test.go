package engine

import (
	"errors"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestIsOurs holds whose contact a refused creation ran into: the change's own only where it was created since the work
// began.
func TestIsOurs(t *testing.T) {
	sb := sandbox.New(sandbox.Options{Contacts: -1})
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("eve@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	_, conflict := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("eve@example.com")})
	if existingID(conflict) != created.ID {
		t.Fatalf("no conflict with it: %v", conflict)
	}
	_, invalid := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("nobody")})
	at := created.CreatedAt.Time()
	for name, test := range map[string]struct {
		began time.Time
		err   error
		want  bool
	}{
		"created since":                        {at.Add(-time.Minute), conflict, true},
		"created as it began":                  {at, conflict, true},
		"created within the skew of clocks":    {at.Add(clockSkew), conflict, true},
		"created before":                       {at.Add(clockSkew + time.Second), conflict, false},
		"created long before":                  {at.Add(24 * time.Hour), conflict, false},
		"no conflict":                          {at, invalid, false},
		"no error of Intercom's":               {at, errors.New("no"), false},
		"a conflict with who cannot be read":   {at, &intercom.Error{ConflictID: "6467c612c4f5a586560fffff"}, false},
		"a conflict with nobody in particular": {at, &intercom.Error{}, false},
	} {
		a := &applier{client: client, change: &change.Change{AppliedAt: test.began}}
		if got := isOurs(t.Context(), a, test.err); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
