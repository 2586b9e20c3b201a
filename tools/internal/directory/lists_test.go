package directory

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/toolerr"
)

// A fetch that nobody's deadline ends does not keep a list from the others for ever.
func TestFetchesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		list := newCached(func(ctx context.Context) (int, error) {
			if calls++; calls > 1 {
				return calls, nil
			}
			<-ctx.Done()
			return 0, ctx.Err()
		})
		start := time.Now()
		if _, err := list.Get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if waited := time.Since(start); waited > fetchTimeout {
			t.Errorf("waited %v", waited)
		}
		if value, err := list.Get(t.Context()); err != nil || value != 2 {
			t.Errorf("got %d, %v", value, err)
		}
	})
}

// A tag's exact name tells it from those that differ in case, or only look the same.
func TestTagsOfOneName(t *testing.T) {
	all := []intercom.Tag{{ID: "1", Name: "VIP"}, {ID: "2", Name: "vip"}, {ID: "3", Name: "1"},
		{ID: "4", Name: "Z\u200boe"},
		{ID: "5", Name: "Zo\u200be"}}
	lists := &Lists{Tags: newCached(func(context.Context) ([]intercom.Tag, error) { return all, nil })}
	r := &Resolver{Lists: lists}
	for name, want := range map[string]string{"VIP": "1", "vip": "2", "2": "2"} {
		if tag, err := r.Tag(t.Context(), name); err != nil || tag.ID != want {
			t.Errorf("%s: %v, %v", name, tag, err)
		}
	}
	for name, both := range map[string]string{
		"Vip": `"Vip" may be 2 tags: "VIP" (id 1), "vip" (id 2).`, "1": `"1" may be 2 tags: "VIP" (id 1), "1" (id 3).`,
		"Zoe": `"Zoe" may be 2 tags: "Zoe" (id 4), "Zoe" (id 5).`,
	} {
		var told *toolerr.Error
		if _, err := r.Tag(t.Context(), name); !errors.As(err, &told) || told.Message != both {
			t.Errorf("%s: %v", name, err)
		}
	}
}
