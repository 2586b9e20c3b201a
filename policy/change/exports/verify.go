package exports

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"intercom-mcp/policy/change"
)

// Verify checks a trail from event 1 on: what was cut off and exported to files, which are in a folder now, and what
// the store keeps. Heads that were noted elsewhere may be given. What is wrong it returns as
// [change.Durable.VerifyAudit] does. Files that are missing are another error, and so is that more was cut off
// meanwhile.
//
// It reads the files once for the trail, and once more for each share of the changes, so that the memory it takes does
// not grow with what was exported. What the store keeps of the events of these changes is in a file of the system's for
// temporary files meanwhile.
func Verify(ctx context.Context, store change.Durable, folder string, noted ...change.Head) (change.Verified, error) {
	return verify(ctx, store, folder, changesAtOnce, noted...)
}

// verify is Verify, which compares about so many changes at a time.
func verify(ctx context.Context, store change.Durable, folder string, atOnce int,
	noted ...change.Head) (change.Verified,
	error) {
	parts, err := partsOf(ctx, store, folder)
	if err != nil {
		return change.Verified{}, err
	}
	v := change.NewVerifier(noted...)
	for _, p := range parts {
		if err := p.eachEvent(ctx, everything, v.Exported); err != nil {
			return change.Verified{}, err
		}
	}
	failed := store.Shared().Cuts.Verify(ctx, v)
	scratch, err := os.MkdirTemp("", "intercom-mcp-")
	if err != nil {
		return change.Verified{}, errors.Join(failed, err)
	}
	defer os.RemoveAll(scratch)
	later, err := laterEvents(ctx, store, scratch)
	if err != nil {
		return change.Verified{}, errors.Join(failed, err)
	}
	for _, s := range sharesOf(parts, atOnce) {
		if err := s.compare(ctx, later, parts, v); err != nil {
			return change.Verified{}, errors.Join(failed, err)
		}
	}
	if again, err := partsOf(ctx, store, folder); err == nil && len(again) != len(parts) {
		return change.Verified{}, errors.New("more of the trail was cut off meanwhile: verify it again")
	}
	found, problems := v.Finish()
	return found, errors.Join(failed, problems)
}

// part is what was cut off at once, as it was exported to a folder.
type part struct {
	folder string
	cut    change.CutRecord
}

// Naming lists the files of all that was cut off which name one of some contacts, by an id or a text such as an e-mail,
// in any case. Files are looked for where they were written.
func Naming(ctx context.Context, store change.Durable, names ...string) (files []string, err error) {
	parts, err := partsOf(ctx, store, "")
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, name := range names {
		if own := change.OwnID(name); own != "" {
			wanted = append(wanted, strings.ToLower(own))
		}
	}
	for _, p := range parts {
		for _, file := range []string{p.cut.Exported.Trail, p.cut.Exported.Records} {
			found := false
			err := eachLine(ctx, p.path(file), everything, func(line json.RawMessage) error {
				text := strings.ToLower(string(line))
				found = found || slices.ContainsFunc(wanted, func(name string) bool { return mentions(text, name) })
				return nil
			})
			if err != nil {
				return files, err
			}
			if found {
				files = append(files, p.path(file))
			}
		}
	}
	return files, nil
}

// mentions reports whether a line of JSON mentions a name: as a text of its own, or within one where it is no number.
func mentions(line, name string) bool {
	quoted, err := json.Marshal(name)
	return err == nil && strings.Contains(line, string(quoted)) ||
		strings.ContainsAny(name, "@.") && strings.Contains(line, name)
}

// partsOf lists what was cut off a trail, in its order; an empty folder is where each part was written. It goes from
// the latest cut, which the store's trail tells of, back to event 1: the first event of each part says which one ends
// before it.
func partsOf(ctx context.Context, store change.Durable, folder string) ([]part, error) {
	cuts := make(map[change.Head]change.CutRecord) // by their last events
	var latest change.CutRecord
	for e, err := range store.Events(ctx, change.EventQuery{Kind: change.KindCut}) {
		if err != nil {
			return nil, err
		}
		cut, err := e.Cut()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", change.ErrTampered, err)
		}
		cuts[cut.To], latest = cut, cut
	}
	var parts []part
	for before := latest.To; before.Seq > 0; {
		cut, ok := cuts[before]
		if !ok {
			return nil, fmt.Errorf("%w: no event tells of the cut at event %s", change.ErrTampered, before)
		}
		p := part{cmp.Or(folder, cut.Exported.Folder), cut}
		if err := p.check(); err != nil {
			return nil, err
		}
		before = change.Head{}
		err := p.eachEvent(ctx, everything, func(at change.Head, body string) {
			e, err := change.ParseEvent(body, at.Hash)
			if err != nil {
				return // which a verifier tells
			}
			if at.Seq == cut.From {
				before = change.Head{Seq: at.Seq - 1, Hash: e.Previous}
			}
			if older, err := e.Cut(); err == nil {
				cuts[older.To] = older
			}
		})
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	slices.Reverse(parts)
	return parts, nil
}

// check makes sure that the files hold what was exported.
func (p *part) check() error {
	to := p.cut.Exported
	for name, want := range map[string]string{to.Trail: to.TrailSHA256, to.Records: to.RecordsSHA256} {
		switch sum, err := sumOf(p.path(name)); {
		case errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("events %d to %d were exported to %s in %s, and are not in %s", p.cut.From, p.cut.To.Seq, name,
				to.Folder, p.folder)
		case err != nil:
			return err
		case sum != want:
			return fmt.Errorf("%w: %s is not as it was exported", change.ErrTampered, name)
		}
	}
	return nil
}

// path is that of a file, whatever else its name says.
func (p *part) path(name string) string { return filepath.Join(p.folder, filepath.Base(name)) }

// everything is every line of a file.
func everything([]byte) bool { return true }

// eachEvent calls do for each event on a line that is wanted, in order.
func (p *part) eachEvent(ctx context.Context, wanted func([]byte) bool, do func(at change.Head, body string)) error {
	return eachEvent(ctx, p.path(p.cut.Exported.Trail), wanted, do)
}

// eachEvent calls do for each event on a line of a file that is wanted, in order.
func eachEvent(ctx context.Context, path string, wanted func([]byte) bool, do func(at change.Head, body string)) error {
	return eachLine(ctx, path, wanted, func(line Line) error {
		var place struct{ Seq int64 }
		err := json.Unmarshal(line.Event, &place)
		do(change.Head{Seq: place.Seq, Hash: line.Hash}, string(line.Event))
		return err
	})
}

// eachChange calls do for each change on a line that is wanted, in order.
func (p *part) eachChange(ctx context.Context, wanted func([]byte) bool,
	do func(*change.Change, change.StopRequest) error) error {
	return eachLine(ctx, p.path(p.cut.Exported.Records), wanted, func(line record) error {
		var stop change.StopRequest
		if line.Stop != nil {
			stop = *line.Stop
		}
		if line.Change == nil {
			return nil
		}
		return do(line.Change, stop)
	})
}

// eachLine calls do for each line of a file that is wanted.
func eachLine[T any](ctx context.Context, path string, wanted func([]byte) bool, do func(T) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for {
		text, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF) && len(text) == 0:
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", path, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case !wanted(text):
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var line T
		if err := decoder.Decode(&line); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := do(line); err != nil {
			return err
		}
	}
}
