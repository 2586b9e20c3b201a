package exports

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"intercom-mcp/policy/change"
)

const (
	trailPrefix   = "trail-"
	recordsPrefix = "records-"
	// partialName is the name of a file that is not complete.
	partialName = ".export-*.partial"
	// partialLasts is for how long nobody has written to a file of which the process must be gone.
	partialLasts = 24 * time.Hour
)

// Line is a line of a file of events.
type Line struct {
	Hash  string          `json:"hash"` // SHA-256 of Event, unless an erasure has replaced that
	Event json.RawMessage `json:"event"`
}

// record is a line of a file of changes.
type record struct {
	Change *change.Change      `json:"change"`
	Stop   *change.StopRequest `json:"stop,omitempty"` // nil where nobody requested one
}

// export writes what is to be cut to two files. It makes them when there is something to write.
type export struct {
	folder         string
	trail, records *output
	last           change.Head // event
	failed         error       // why it could not be written
}

// Event implements [change.CutReceiver]. It refuses a chain that is broken: the proof of that is not to be cut off.
func (x *export) Event(_ context.Context, at change.Head, body string) error {
	x.failed = x.event(at, body)
	return x.failed
}

// event is Event.
func (x *export) event(at change.Head, body string) error {
	if err := x.begin(); err != nil {
		return err
	}
	e, err := change.ParseEvent(body, at.Hash)
	if err != nil {
		return err
	}
	chained := x.last == change.Head{} || at.Seq == x.last.Seq+1 && e.Previous == x.last.Hash
	if !chained || e.Facts["erased"] == "" && change.HashBody([]byte(body)) != at.Hash {
		return fmt.Errorf("%w: event %d is not as it was written, so nothing is cut", change.ErrTampered, at.Seq)
	}
	x.last = at
	return x.trail.line(Line{at.Hash, json.RawMessage(body)})
}

// Change implements [change.CutReceiver].
func (x *export) Change(_ context.Context, c *change.Change, stop change.StopRequest) error {
	line := record{Change: c}
	if stop != (change.StopRequest{}) {
		line.Stop = &stop
	}
	if x.failed = x.begin(); x.failed == nil {
		x.failed = x.records.line(line)
	}
	return x.failed
}

// begin makes the files.
func (x *export) begin() (err error) {
	if x.trail != nil {
		return nil
	}
	if x.trail, err = newOutput(x.folder); err != nil {
		return err
	}
	x.records, err = newOutput(x.folder)
	return err
}

// publish completes the files, has them reach the disk under their names, and reads them again.
func (x *export) publish(cut change.Cut) (change.Exported, error) {
	to := change.Exported{Folder: x.folder}
	for _, file := range []struct {
		from      *output
		prefix    string
		name, sum *string
	}{{x.trail, trailPrefix, &to.Trail, &to.TrailSHA256}, {x.records, recordsPrefix, &to.Records, &to.RecordsSHA256}} {
		sum, err := file.from.complete()
		if err != nil {
			return to, err
		}
		*file.sum, *file.name = sum, fmt.Sprintf("%s%d-%d-%.12s.jsonl", file.prefix, cut.From, cut.To.Seq, sum)
		if err := os.Rename(file.from.file.Name(), filepath.Join(x.folder, *file.name)); err != nil {
			return to, err
		}
	}
	if err := syncFolder(x.folder); err != nil {
		return to, err
	}
	for name, want := range map[string]string{to.Trail: to.TrailSHA256, to.Records: to.RecordsSHA256} {
		if got, err := sumOf(filepath.Join(x.folder, name)); err != nil || got != want {
			return to, errors.Join(fmt.Errorf("%s does not hold what was written to it", name), err)
		}
	}
	return to, nil
}

// discard removes what did not get its name.
func (x *export) discard() {
	for _, out := range []*output{x.trail, x.records} {
		if out != nil {
			_ = out.file.Close()
			_ = os.Remove(out.file.Name())
		}
	}
}

// output is a file that is being written, and its SHA-256.
type output struct {
	file *os.File
	hash hash.Hash
	to   *bufio.Writer
}

// newOutput makes a file that only its owner may read.
func newOutput(folder string) (*output, error) {
	file, err := os.CreateTemp(folder, partialName)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	return &output{file, sum, bufio.NewWriterSize(io.MultiWriter(file, sum), 64<<10)}, nil
}

// line writes a value as one line of JSON.
func (o *output) line(value any) error {
	encoder := json.NewEncoder(o.to)
	encoder.SetEscapeHTML(false) // bodies of events stay byte by byte
	return encoder.Encode(value)
}

// complete has what was written reach the disk, and returns its SHA-256 in hex.
func (o *output) complete() (string, error) {
	err := errors.Join(o.to.Flush(), o.file.Sync(), o.file.Close())
	return hex.EncodeToString(o.hash.Sum(nil)), err
}

// sumOf is the SHA-256 of a file, in hex.
func sumOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// syncFolder has the names in a folder reach the disk, where the system can do that.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// removePartial removes what processes left that were killed while they wrote. What cannot be removed stays.
func removePartial(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if match, _ := filepath.Match(partialName, entry.Name()); !match {
			continue
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > partialLasts {
			_ = os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}
