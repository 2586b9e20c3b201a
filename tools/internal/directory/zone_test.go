package directory

import (
	"context"
	"errors"
	"testing"
	"time"

	"intercom-mcp/intercom"
)

// The workspace's zone is the one that it has in Intercom; where that is not known, a time needs a zone of its own.
func TestWorkspaceZone(t *testing.T) {
	broken := errors.New("down")
	for name, test := range map[string]struct {
		tells string
		err   error
		known bool
	}{
		"known":     {"Europe/Dublin", nil, true},
		"no name":   {"Pacific Time (US & Canada)", nil, false},
		"none":      {"", nil, false},
		"Local":     {"Local", nil, false},
		"no answer": {"", broken, false},
	} {
		var warned []string
		r := Resolver{Lists: &Lists{Me: newCached(func(context.Context) (intercom.Me, error) {
			return intercom.Me{App: intercom.App{Timezone: test.tells}}, test.err
		})}, Warn: func(text string) { warned = append(warned, text) }}
		zone, err := r.ToldZone(t.Context())()
		switch {
		case test.known:
			if err != nil || zone.String() != test.tells || len(warned) != 1 {
				t.Errorf("%s: %v, %v, warned %q", name, zone, err, warned)
			}
		case err == nil || len(warned) > 0 || test.err != nil && !errors.Is(err, test.err):
			t.Errorf("%s: %v, %v, warned %q", name, zone, err, warned)
		}
	}
	r := Resolver{Lists: &Lists{Zone: time.UTC}}
	if zone, err := r.Zone(t.Context()); zone != time.UTC || err != nil {
		t.Errorf("%v, %v", zone, err)
	}
}
