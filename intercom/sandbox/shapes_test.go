package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestShapes sends the requests of each file in testdata/shapes to a
// workspace without contacts, in each API version that the file names, and compares the last answer with one in the
// shape of Intercom's own: the same keys in the same order, with values of the same
// kind. In a request, $1 is the id in the first answer, and so on.
func TestShapes(t *testing.T) {
	files, err := filepath.Glob("testdata/shapes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no shapes: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := make(map[string]string)
			for _, f := range archive.Files {
				parts[f.Name] = strings.TrimSpace(string(f.Data))
			}
			for _, version := range strings.Fields(parts["version"]) {
				last := askFor(t, version, parts["requests"])
				if diff := cmp.Diff(shape(t, []byte(parts["answer"])), shape(t, last.body)); diff != "" {
					t.Errorf("%s (-Intercom's example, +the sandbox):\n%s\n%s", version, diff, last.body)
				}
			}
		})
	}
}

// askFor sends requests, one a line, to an empty workspace, and returns the last answer.
func askFor(t *testing.T, version, requests string) answer {
	t.Helper()
	c := newCaller(t, Options{Contacts: -1, Companies: -1}).in(version)
	var last answer
	var replace []string
	for i, line := range strings.Split(requests, "\n") {
		method, rest, _ := strings.Cut(strings.NewReplacer(replace...).Replace(line), " ")
		path, body, _ := strings.Cut(rest, " ")
		last = c.do(method, path, body)
		replace = append(replace, "$"+strconv.Itoa(i+1), last.text("id"))
	}
	return last
}

// shape describes a JSON document, one line for each key: its path and the
// kind of its value. A type is described with its value; of an array only the
// first element is.
func shape(t *testing.T, data []byte) []string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var lines []string
	if err := describe(dec, "", func(s string) { lines = append(lines, s) }); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return lines
}

func describe(dec *json.Decoder, path string, add func(string)) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		if strings.HasSuffix(path, ".type") || strings.HasSuffix(path, ".object") {
			add(fmt.Sprintf("%s = %v", path, token))
		} else {
			add(fmt.Sprintf("%s %T", path, token))
		}
		return nil
	}
	add(fmt.Sprintf("%s %v", path, delim))
	for i := 0; dec.More(); i++ {
		inner, report := path+"[]", add
		if delim == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			inner = fmt.Sprintf("%s.%v", path, key)
		} else if i > 0 {
			report = func(string) {}
		}
		if err := describe(dec, inner, report); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}
