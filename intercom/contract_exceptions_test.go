package intercom_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// exceptions are the places where client and sandbox differ from Intercom's
// descriptions on purpose.
type exceptions struct {
	Differences []difference `yaml:"differences"`
	Unseen      []unseen     `yaml:"unseen"`
}

// difference is a place where a description is not followed.
type difference struct {
	At       []string `yaml:"at"`       // as findings have it; "* 403" is that status of any operation
	Problem  string   `yaml:"problem"`  // likewise
	Versions []string `yaml:"versions"` // nil: all
	// Example says that Intercom's own examples differ from the description
	// in just this way, which is checked.
	Example bool   `yaml:"example"`
	Reason  string `yaml:"reason"` // why, and which side is taken
}

// unseen is what the description tells of and the sandbox does not do.
type unseen struct {
	Operation string   `yaml:"operation"` // the operation's id
	Answer    string   `yaml:"answer"`    // see [answers]; a trailing * for any rest
	Versions  []string `yaml:"versions"`  // nil: all
	Reason    string   `yaml:"reason"`
}

func loadExceptions(t *testing.T) exceptions {
	t.Helper()
	content, err := os.ReadFile("testdata/contract/exceptions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var e exceptions
	if err := yaml.UnmarshalWithOptions(content, &e, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	for _, d := range e.Differences {
		if d.Reason == "" || len(d.At) == 0 || d.Problem == "" {
			t.Errorf("the difference at %v lacks a place, a problem or a reason", d.At)
		}
	}
	for _, u := range e.Unseen {
		if u.Reason == "" {
			t.Errorf("%s %s lacks a reason", u.Operation, u.Answer)
		}
	}
	return e
}

func within(versions []string, version string) bool {
	return len(versions) == 0 || slices.Contains(versions, version)
}

// compare wants each finding to be a listed difference, and each listed
// difference to be found: by the exchanges, and by the examples where it says
// so.
func (e exceptions) compare(t *testing.T, seen, examples *checker) {
	t.Helper()
	listed := make(map[finding]bool)
	for _, d := range e.Differences {
		for _, f := range d.places(seen) {
			listed[f] = true
			if len(seen.met[f]) == 0 {
				t.Errorf("listed, but not so any more: %s", f)
			}
			if example := len(examples.met[f]) > 0; example != d.Example {
				t.Errorf("%s: Intercom's examples show it: %t, listed as %t", f, example, d.Example)
			}
		}
	}
	var unlisted []string
	for f, where := range seen.met {
		if !listed[f] {
			unlisted = append(unlisted, f.String()+" ("+strings.Join(where[:min(3, len(where))], ", ")+")")
		}
	}
	slices.Sort(unlisted)
	for _, f := range unlisted {
		t.Error(f)
	}
}

// places are the findings that a difference speaks of, those of any operation
// as far as they were met.
func (d difference) places(seen *checker) []finding {
	var all []finding
	for _, at := range d.At {
		if !within(d.Versions, seen.version) {
			continue
		}
		status, any := strings.CutPrefix(at, "*")
		before := len(all)
		for f := range seen.met {
			if any && f.problem == d.Problem && strings.HasSuffix(f.at, status) {
				all = append(all, f)
			}
		}
		if len(all) == before {
			all = append(all, finding{seen.version, at, d.Problem})
		}
	}
	return all
}

// compareCoverage wants every described answer to have been seen, or to be
// listed as one that is not.
func (e exceptions) compareCoverage(t *testing.T, seen *checker) {
	t.Helper()
	needed := make(map[int]bool)
	for _, answer := range seen.described() {
		i := slices.IndexFunc(e.Unseen, func(u unseen) bool {
			start, whole := strings.CutSuffix(u.Operation+" "+u.Answer, "*")
			return within(u.Versions, seen.version) && (answer == start || whole && strings.HasPrefix(answer, start))
		})
		switch {
		case i < 0 && !seen.seen[answer]:
			t.Errorf("%s describes, but nothing was answered so: %s", seen.version, answer)
		case i >= 0 && !seen.seen[answer]:
			needed[i] = true
		}
	}
	for i, u := range e.Unseen {
		if within(u.Versions, seen.version) && !needed[i] {
			t.Errorf("listed as unseen, but not so any more: %s %s %s", seen.version, u.Operation, u.Answer)
		}
	}
}
