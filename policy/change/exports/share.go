package exports

import (
	"bytes"
	"context"
	"errors"
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

// laterEvents writes what a store keeps of the events of changes that were cut off to a file in a folder, as they are
// exported, and returns its path: each share reads the file, and none the store.
func laterEvents(ctx context.Context, store change.Durable, folder string) (path string, err error) {
	file, err := newOutput(folder)
	if err != nil {
		return "", err
	}
	for e, err := range store.Events(ctx, change.EventQuery{Gone: true}) {
		var body []byte
		if err == nil {
			body, err = e.Body()
		}
		if err == nil {
			err = file.line(Line{e.Hash, body})
		}
		if err != nil {
			return "", errors.Join(err, file.file.Close())
		}
	}
	_, err = file.complete()
	return file.file.Name(), err
}

// compare compares the changes of the share with their events: those that were exported, and later ones, which are in a
// file.
func (s share) compare(ctx context.Context, later string, parts []part, v *change.Verifier) error {
	replay := v.Replay()
	follow := func(at change.Head, body string) {
		if e, err := change.ParseEvent(body, at.Hash); err == nil { // else the check of the trail has told
			replay.Event(&e)
		}
	}
	for _, p := range parts {
		if err := p.eachEvent(ctx, s.has, follow); err != nil {
			return err
		}
	}
	if err := eachEvent(ctx, later, s.has, follow); err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.eachChange(ctx, s.has, replay.Change); err != nil {
			return err
		}
	}
	replay.End()
	return nil
}
