package stored

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"intercom-mcp/policy/change"
)

// TestBacklogIsBounded loses the newest events, and says how many.
func TestBacklogIsBounded(t *testing.T) {
	b := NewBacklog(func(context.Context) error { return errors.New("full") })
	defer b.Close()
	b.Done(nil, errors.New("full"))
	for range change.MaxWaiting + 5 {
		err := b.Add([]change.Event{{Kind: change.KindCall}})
		if err == nil {
			t.Fatal("nobody is told")
		}
	}
	err := b.Add(nil)
	if want := fmt.Sprint(change.MaxWaiting, " events wait, 5 are lost: full"); err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
