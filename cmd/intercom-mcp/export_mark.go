package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"intercom-mcp/tools"
)

// mark says what an export to a file is of, and how far it has come, in a file beside it.
type mark struct {
	Of    exportOf   `json:"of"`
	Began time.Time  `json:"began"`
	Next  string     `json:"next"`
	Rows  int        `json:"rows"`
	Bytes int64      `json:"bytes"`
	Sum   string     `json:"sum"` // SHA-256 of the bytes
	Gaps  tools.Gaps `json:"gaps"`
}

// exportOf is what decides which rows and columns an export has, the name of the table first.
type exportOf []exportProperty

type exportProperty struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// unlike says in which properties an export differs from the one that of is of; nothing where they are the same.
func (of exportOf) unlike(now exportOf) []string {
	var unlike []string
	for i, p := range now {
		var was []string
		if i < len(of) && of[i].Name == p.Name {
			was = of[i].Values
		}
		if !slices.Equal(was, p.Values) {
			unlike = append(unlike, "its "+p.Name+" "+differing(was, p.Values))
		}
	}
	return unlike
}

// differing words how the values of a property differ.
func differing(was, now []string) string {
	if len(was) <= 1 && len(now) <= 1 {
		return fmt.Sprintf("is %s, and now %s", quoted(was), quoted(now))
	}
	without := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
	}
	gone, more := without(was, now), without(now, was)
	switch {
	case len(gone) > 0 && len(more) > 0:
		return "are now without " + quoted(gone) + " and have also " + quoted(more)
	case len(gone) > 0:
		return "are now without " + quoted(gone)
	case len(more) > 0:
		return "have now also " + quoted(more)
	}
	return "are now in another order"
}

// maxDiffering is how many values of a property are told.
const maxDiffering = 10

// quoted lists values for people.
func quoted(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	var list []string
	for _, value := range values[:min(len(values), maxDiffering)] {
		list = append(list, fmt.Sprintf("%.200q", value))
	}
	if more := len(values) - len(list); more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

// readMark reads how far the export to this file had come that was cut off; nil where none was.
func (o *exportFile) readMark() (*mark, error) {
	if o.flags.Output == "" || o.direct {
		return nil, nil
	}
	body, err := os.ReadFile(o.markPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := new(mark)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, o.refusal(o.markPath() + " cannot be read: " + err.Error())
	}
	if len(m.Of) == 0 || m.Next == "" {
		return nil, o.refusal(o.markPath() + " does not say of what export it is")
	}
	return m, nil
}

// refuseUnlike refuses to write over the beginning of an export that differs.
func (o *exportFile) refuseUnlike(unlike []string) error {
	if len(unlike) == 0 {
		return nil
	}
	return o.refusal(o.partPath() + " holds the beginning of another export: " + strings.Join(unlike, "; "))
}

func (o *exportFile) refusal(problem string) error {
	return &usageError{problem: problem, try: "another --output, or remove " + o.markPath() + " to begin anew"}
}

// checkPart refuses to go on in a file that is not what was exported to it, and sums up what is.
func (o *exportFile) checkPart() error {
	sum, err := sumOf(o.partPath(), o.cut.Bytes)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, io.EOF) {
		return err
	}
	if err != nil || hex.EncodeToString(sum.Sum(nil)) != o.cut.Sum {
		return o.refusal(fmt.Sprintf("%s no longer holds the %d rows that were exported to it", o.partPath(), o.cut.Rows))
	}
	o.sum = sum
	return nil
}

// sumOf sums up the first bytes of a file.
func sumOf(path string, bytes int64) (hash.Hash, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.CopyN(sum, file, bytes)
	return sum, err
}

// whole refuses a file of the rows that is not what was exported to it, as another export has written to it.
func (o *exportFile) whole() error {
	at, err := o.alone()
	if err != nil {
		return err
	}
	sum, err := sumOf(o.partPath(), at)
	if err == nil && !bytes.Equal(sum.Sum(nil), o.sum.Sum(nil)) {
		err = o.errShared()
	}
	return err
}

// markAt marks that the export goes on at next.
func (o *exportFile) markAt(next string, gaps tools.Gaps) error {
	if next == "" || o.file == nil || o.direct {
		return nil
	}
	at, err := o.alone()
	if err != nil {
		return err
	}
	o.cut.Next, o.cut.Rows, o.cut.Bytes, o.cut.Gaps = next, o.rows, at, gaps
	o.cut.Sum = hex.EncodeToString(o.sum.Sum(nil))
	body, err := json.Marshal(o.cut)
	if err != nil {
		return err
	}
	temporary := o.markPath() + ".new"
	if err := os.WriteFile(temporary, body, 0o600); err != nil {
		return err
	}
	o.next = next
	return os.Rename(temporary, o.markPath())
}

// alone returns how long the file of the rows is, if no other export writes to it.
func (o *exportFile) alone() (int64, error) {
	at, err := o.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	own, err := o.file.Stat()
	if err != nil {
		return 0, err
	}
	there, err := os.Stat(o.partPath())
	if err != nil || !os.SameFile(own, there) || own.Size() != at {
		return 0, o.errShared()
	}
	return at, nil
}

func (o *exportFile) errShared() error { return errors.New("another export writes to " + o.partPath()) }
