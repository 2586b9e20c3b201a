package change

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// MaxCutEvents and MaxCutItems bound what one cut takes, but for a single change that has more items.
	MaxCutEvents = 10_000
	MaxCutItems  = 20_000
	// CutRests is how long ago a change must have ended before it is cut: it has no part in any window by then.
	CutRests = 24 * time.Hour
)

// Cuts removes the beginning of a trail, with the changes that were planned in it, once both were exported. Every
// method is safe for concurrent use; of concurrent cuts of the same events one succeeds.
type Cuts interface {
	// Oldest gives a receiver what [CutOf] chooses of the trail, as it is at one moment: its events in order, and then
	// the changes that were planned in them. It gives nothing, and returns a zero Cut, where nothing may be cut.
	Oldest(ctx context.Context, before time.Time, into CutReceiver) (Cut, error)
	// Remove removes in one transaction what Oldest gave, and appends an event that tells to where it was exported, which
	// [Event.Cut] reads. It returns ErrStatusChanged where the trail does not begin with the cut any more, or something
	// has happened to its changes since.
	Remove(ctx context.Context, cut Cut, to Exported) error
	// Verify gives a verifier what is kept, as [Durable].VerifyAudit does, after whoever calls gave it what was cut
	// before.
	Verify(ctx context.Context, v *Verifier) error
}

// CutReceiver takes what is to be cut. An error ends it, and nothing is cut.
type CutReceiver interface {
	Event(ctx context.Context, at Head, body string) error
	// Change takes a change; stop is the zero StopRequest where nobody requested one.
	Change(ctx context.Context, c *Change, stop StopRequest) error
}

// Cut is the beginning of a trail, with the changes that were planned in it.
type Cut struct {
	From    int64 // number of its first event
	To      Head  // its last event
	Seen    int64 // number of the last event of the trail when it was read
	Changes []string
}

// Exported says where a cut was exported to. Names are of files in Folder.
type Exported struct{ Folder, Trail, TrailSHA256, Records, RecordsSHA256 string }

// CutEntry is what a choice of what to cut asks of an event.
type CutEntry struct {
	At      Head
	Time    time.Time
	Change  string    // the handle, of the event that plans one; empty for all others
	Ended   bool      // whether that change has
	EndedAt time.Time // when
	Undoing bool      // whether another change that has not ended puts it back
	Items   int       // that it has
}

// CutOf chooses the longest beginning of a trail, as of now, whose events all happened before a time and plan only
// changes that may be cut: those that ended [CutRests] ago, and that nothing is putting back. The entries are those of
// the first events. Later events of these changes stay, and are cut in their turn. The zero Cut is none.
func CutOf(entries []CutEntry, before, now time.Time) Cut {
	var cut Cut
	items := 0
	for n, e := range entries {
		items += e.Items
		switch {
		case n == MaxCutEvents, n > 0 && items > MaxCutItems, !e.Time.Before(before):
			return cut
		case e.Change != "" && (!e.Ended || e.Undoing || e.EndedAt.After(now.Add(-CutRests))):
			return cut
		}
		if n == 0 {
			cut.From = e.At.Seq
		}
		cut.To = e.At
		if e.Change != "" {
			cut.Changes = append(cut.Changes, e.Change)
		}
	}
	return cut
}

// Event records the cut, with what the verification of the rest takes from the part that is gone: the workspace that
// the store is bound to, and the freeze in force; "" and zero for none.
func (c *Cut) Event(to Exported, workspace string, freeze Freeze) Event {
	facts := map[string]string{
		"from": strconv.FormatInt(c.From, 10), "to": c.To.String(), "changes": strconv.Itoa(len(c.Changes)),
		"folder": to.Folder, "trail": to.Trail, "trail_sha256": to.TrailSHA256,
		"records": to.Records, "records_sha256": to.RecordsSHA256,
	}
	if workspace != "" {
		facts["workspace"] = workspace
	}
	if freeze != (Freeze{}) {
		facts["frozen_by"], facts["frozen_for"] = freeze.By, freeze.Reason
		facts["frozen_at"] = freeze.At.UTC().Format(EventTime)
	}
	return Event{Kind: KindCut, Facts: facts}
}

// CutRecord is what an event tells of a cut.
type CutRecord struct {
	At        time.Time // when it was cut
	From      int64     // number of its first event
	To        Head      // its last event
	Changes   int       // that were planned in it
	Exported  Exported
	Workspace string // to which the store was bound; "" for none
	Freeze    Freeze // in force; zero for none
}

// Cut reads what an event of kind [KindCut] tells.
func (e *Event) Cut() (r CutRecord, err error) {
	if e.Kind != KindCut {
		return r, fmt.Errorf("event %d is of kind %q", e.Seq, e.Kind)
	}
	f := e.Facts
	r = CutRecord{At: e.Time, Exported: Exported{f["folder"], f["trail"], f["trail_sha256"], f["records"],
		f["records_sha256"]}, Workspace: f["workspace"]}
	if r.To, err = ParseHead(f["to"]); err != nil {
		return r, fmt.Errorf("event %d: %w", e.Seq, err)
	}
	if r.From, err = strconv.ParseInt(f["from"], 10, 64); err != nil {
		return r, fmt.Errorf("event %d: %w", e.Seq, err)
	}
	if r.Changes, err = strconv.Atoi(f["changes"]); err != nil {
		return r, fmt.Errorf("event %d: %w", e.Seq, err)
	}
	if at := f["frozen_at"]; at != "" {
		r.Freeze = Freeze{By: f["frozen_by"], Reason: f["frozen_for"]}
		if r.Freeze.At, err = time.Parse(EventTime, at); err != nil {
			return r, fmt.Errorf("event %d: %w", e.Seq, err)
		}
	}
	return r, nil
}

// MayCut returns ErrStatusChanged where what is to be cut is not as it was read: first is the number of the first event
// of the trail now, hash that of the cut's last one; since lists the events after [Cut].Seen that are about a change or
// an erasure, and undoing the changes that others which have not ended put back.
func (c *Cut) MayCut(first int64, hash string, since []Event, undoing []string) error {
	var why string
	ours := make(map[string]bool, len(c.Changes))
	for _, id := range c.Changes {
		ours[id] = true
	}
	touched := slices.IndexFunc(since, func(e Event) bool { return e.Kind == KindErased || ours[e.Change] })
	undone := slices.IndexFunc(undoing, func(id string) bool { return ours[id] })
	switch {
	case first != c.From:
		why = "the trail begins at event " + strconv.FormatInt(first, 10)
	case hash != c.To.Hash:
		why = "event " + strconv.FormatInt(c.To.Seq, 10) + " is another one"
	case touched >= 0:
		why = "event " + strconv.FormatInt(since[touched].Seq, 10) + " is about what was exported"
	case undone >= 0:
		why = undoing[undone] + " is being put back"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrStatusChanged, why)
}
