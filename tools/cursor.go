package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
)

// handOut puts a short handle in the place of an answer's cursor, which the store keeps. Where that cannot be written
// the cursor stays as it is, as does one that a person gets by hand, whose process may end with its store.
func handOut(ctx context.Context, s *session, answer any) {
	list, ok := answer.(interface{ Cursor() *string })
	if !ok || *list.Cursor() == "" || s.call.ByHand != "" {
		return
	}
	at := list.Cursor()
	handle := render.Handle(s.call.Principal, *at)
	if err := s.store.Shared().Cursors.Keep(ctx, s.call.Principal, handle, *at, time.Now()); err != nil {
		s.log.WarnContext(ctx, "cursor not kept; the long form goes out", "err", err)
		return
	}
	*at = handle
}

// takeBack puts the cursor in the arguments in the place of its handle, where they have one.
func takeBack(ctx context.Context, s *session) error {
	if !bytes.Contains(s.args, []byte(`"cursor"`)) {
		return nil
	}
	var members map[string]json.RawMessage
	var text string
	if json.Unmarshal(s.args, &members) != nil || json.Unmarshal(members["cursor"], &text) != nil {
		return nil // a text within another argument
	}
	if is, err := render.IsHandle(text); !is || err != nil {
		return err
	}
	cursor, err := s.store.Shared().Cursors.Find(ctx, s.call.Principal, text, time.Now())
	switch {
	case errors.Is(err, change.ErrNotFound):
		return render.Lapsed()
	case err != nil:
		return err
	}
	if members["cursor"], err = json.Marshal(cursor); err != nil {
		return err
	}
	s.args, err = json.Marshal(members)
	return err
}
