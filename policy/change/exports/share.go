package exports

import (
	"bytes"
	"context"
	"hash/fnv"

	"intercom-mcp/policy/change"
)

const (
	// changesAtOnce is about how many changes are compared at a time, which takes 10 to 40 MB.
	changesAtOnce = 50_000
	// itemsOfChange is how many items take as much memory as a change does.
	itemsOfChange = 40
)

// share is some of the changes that were exported: those whose handles hash to its number.
type share struct{ number, of uint32 }

// sharesOf divides the changes of parts into shares of about so many, where each part has all the items that it may.
func sharesOf(parts []part, atOnce int) []share {
	size := 0
	for _, p := range parts {
		size += p.cut.Changes + change.MaxCutItems/itemsOfChange
	}
	shares := make([]share, (size+atOnce-1)/atOnce)
	for i := range shares {
		shares[i] = share{uint32(i), uint32(len(shares))}
	}
	return shares
}

// has reports whether a line of a file, or a handle alone, is of a change of the share. The first handle on a line is
// that of the change which it is about, if it is about one.
func (s share) has(line []byte) bool {
	const prefix, length = "chg_", 30
	_, rest, _ := bytes.Cut(line, []byte(prefix))
	sum := fnv.New32a()
	sum.Write(rest[:min(len(rest), length-len(prefix))])
	return sum.Sum32()%s.of == s.number
}

// compare compares the changes of the share with their events: those that were exported, and those that the store
// keeps.
func (s share) compare(ctx context.Context, store change.Durable, parts []part, v *change.Verifier) error {
	replay := v.Replay()
	for _, p := range parts {
		err := p.eachEvent(ctx, s.has, func(at change.Head, body string) {
			if e, err := change.ParseEvent(body, at.Hash); err == nil { // else the check of the trail has told
				replay.Event(&e)
			}
		})
		if err != nil {
			return err
		}
	}
	for e, err := range store.Events(ctx, change.EventQuery{}) {
		if err != nil {
			return err
		}
		replay.Event(&e)
	}
	for _, p := range parts {
		if err := p.eachChange(ctx, s.has, replay.Change); err != nil {
			return err
		}
	}
	replay.End()
	return nil
}
