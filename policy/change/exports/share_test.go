package exports

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// TestShares compares each exported change once, in whichever share it is, and finds those that are not as the trail
// tells, or are missing.
func TestShares(t *testing.T) {
	t.Parallel()
	s, folder := openAt(t, filepath.Join(t.TempDir(), "state.db")), t.TempDir()
	for range 2 {
		fill(t, s, 4)
		cut(t, s, folder)
	}
	parts, err := partsOf(t.Context(), s, folder)
	if err != nil || len(parts) != 2 {
		t.Fatal(parts, err)
	}
	records := parts[1].path(parts[1].cut.Exported.Records)
	content, err := os.ReadFile(records)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := bytes.Cut(content, []byte("\n"))
	id := string(first[bytes.Index(first, []byte("chg_")):][:30])
	for _, test := range []struct {
		records []byte
		want    string
	}{
		{content, ""},
		{slices.Concat(bytes.Replace(first, []byte(`"declined"`), []byte(`"applied"`), 1), []byte("\n"), rest),
			"change " + id + " is applied, the trail tells"},
		{rest, "change " + id + " is gone"},
		{slices.Concat(content, first, []byte("\n")), "change " + id + " is not in the trail"},
	} {
		if err := os.WriteFile(records, test.records, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, atOnce := range []int{changesAtOnce, 300, 100} {
			v := change.NewVerifier()
			for _, p := range parts {
				if err := p.eachEvent(t.Context(), everything, v.Exported); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Shared().Cuts.Verify(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			later, err := laterEvents(t.Context(), s, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			shares := sharesOf(parts, atOnce)
			for _, part := range shares {
				if err := part.compare(t.Context(), later, parts, v); err != nil {
					t.Fatal(err)
				}
			}
			_, err = v.Finish()
			if problems := strings.Count(errorText(err), id); (test.want == "") != (err == nil) || problems > 2 ||
				!strings.Contains(errorText(err), test.want) || (atOnce == changesAtOnce) != (len(shares) == 1) {
				t.Errorf("%d shares: %v, want %q", len(shares), err, test.want)
			}
		}
	}
}

// TestLaterEvents compares exported changes with what happened to them after what was cut.
func TestLaterEvents(t *testing.T) {
	t.Parallel()
	s, folder := openAt(t, filepath.Join(t.TempDir(), "state.db")), t.TempDir()
	fill(t, s, 4)
	if n, err := s.PurgeValues(t.Context(), time.Now()); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	done, err := Cut(t.Context(), s.Shared().Cuts, lastYear.Add(time.Hour), folder)
	if len(done.Changes) != 4 || err != nil {
		t.Fatal(done, err)
	}
	for _, atOnce := range []int{changesAtOnce, 100} {
		if found, err := verify(t.Context(), s, folder, atOnce); err != nil || found.First != 1 {
			t.Errorf("%+v, %v", found, err)
		}
	}
}

// cutting is a store whose trail is cut as soon as it was verified.
type cutting struct {
	change.Durable
	cut func()
}

func (s cutting) Shared() change.Shared {
	shared := s.Durable.Shared()
	shared.Cuts = cutAfter{shared.Cuts, s.cut}
	return shared
}

type cutAfter struct {
	change.Cuts
	cut func()
}

func (c cutAfter) Verify(ctx context.Context, v *change.Verifier) error {
	defer c.cut()
	return c.Cuts.Verify(ctx, v)
}

// TestVerifyWhileCut tells a trail of which more is cut meanwhile from one that was tampered with.
func TestVerifyWhileCut(t *testing.T) {
	t.Parallel()
	s, folder := openAt(t, filepath.Join(t.TempDir(), "state.db")), t.TempDir()
	fill(t, s, 1)
	cut(t, s, folder)
	fill(t, s, 1)
	_, err := Verify(t.Context(), cutting{s, func() { cut(t, s, folder) }}, folder)
	if err == nil || errors.Is(err, change.ErrTampered) || !strings.Contains(err.Error(), "verify it again") {
		t.Error(err)
	}
	intact(t, s, folder)
}

// errorText is the text of an error, which may be nil.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
