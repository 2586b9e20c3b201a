package script

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
)

// Report prints the results of scripts: a line per step, the differences where one failed, and a sum at the end. Steps
// after one that failed are skipped, and counted as that.
type Report struct {
	Out   io.Writer
	Style terminal.Style
	// JSON prints an object for each step in the place of its line.
	JSON bool

	suites                 []suite
	steps, failed, skipped int
	unread                 int // scripts that could not be read
}

// result is what became of a step.
type result struct {
	Script  string  `json:"script"`
	Line    int     `json:"line"`
	Call    string  `json:"call,omitempty"`
	About   string  `json:"about,omitempty"`
	Outcome string  `json:"outcome"` // ok, failed or skipped
	Problem string  `json:"problem,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
}

// suite is a script and its results.
type suite struct {
	name    string
	results []result
}

// begin opens the report of one script.
func (r *Report) begin(script *Script) {
	title := script.Path
	if script.Name != "" {
		title += ": " + script.Name
	}
	r.suites = append(r.suites, suite{name: title})
	if !r.JSON {
		fmt.Fprintln(r.Out, r.Style.Bold(title))
	}
}

// Unreadable reports a script that cannot be run. The error names the file and the place.
func (r *Report) Unreadable(path string, err error) {
	r.unread++
	failed := result{Script: path, Outcome: "failed", Problem: err.Error()}
	r.suites = append(r.suites, suite{path, []result{failed}})
	if r.JSON {
		r.print(failed)
		return
	}
	fmt.Fprintf(r.Out, "%s\n  %s %v\n", r.Style.Bold(path), r.Style.Red("FAIL"), err)
}

// step reports a step, which failed unless failure is nil.
func (r *Report) step(script *Script, step *Step, failure *problem, took time.Duration) {
	done := result{Script: script.Path, Line: step.line, Call: step.Call, About: step.About, Outcome: "ok",
		Seconds: took.Seconds()}
	r.steps++
	if failure != nil {
		r.failed++
		done.Outcome, done.Problem = "failed", strings.TrimRight(failure.Error(), "\n")
	}
	r.add(done)
}

// skip reports a step that was not taken.
func (r *Report) skip(script *Script, step *Step) {
	r.skipped++
	r.add(result{Script: script.Path, Line: step.line, Call: step.Call, About: step.About, Outcome: "skipped"})
}

// add keeps and prints a result.
func (r *Report) add(done result) {
	last := &r.suites[len(r.suites)-1]
	last.results = append(last.results, done)
	if r.JSON {
		r.print(done)
		return
	}
	mark := map[string]string{"ok": r.Style.Green("ok  "), "failed": r.Style.Red("FAIL"), "skipped": r.Style.Faint("skip")}
	line := fmt.Sprintf("  %s %3d  %-22s %s", mark[done.Outcome], done.Line, done.Call, r.Style.Faint(done.About))
	fmt.Fprintln(r.Out, strings.TrimRight(line, " "))
	if done.Problem != "" {
		fmt.Fprintf(r.Out, "%s:%s\n", done.Script, done.Problem)
	}
}

// print prints a result as an object.
func (r *Report) print(done result) {
	line, err := json.Marshal(done)
	if err == nil { // of text and numbers there is always one
		fmt.Fprintf(r.Out, "%s\n", line)
	}
}

// End prints the sum and reports whether all steps went as expected.
func (r *Report) End() bool {
	good := r.failed+r.unread == 0
	if r.JSON {
		return good
	}
	sum := fmt.Sprintf("%s, %s, %d failed", count(len(r.suites), "script"), count(r.steps, "step"), r.failed)
	if r.skipped > 0 {
		sum += fmt.Sprintf(", %d skipped", r.skipped)
	}
	if r.unread > 0 {
		sum += ", " + count(r.unread, "script") + " not read"
	}
	paint := r.Style.Green
	if !good {
		paint = r.Style.Red
	}
	fmt.Fprintln(r.Out, paint(sum))
	return good
}

// WriteJUnit writes the results in JUnit's form, which most servers of continuous integration read.
// https://github.com/testmoapp/junitxml
func (r *Report) WriteJUnit(w io.Writer) error {
	type message struct {
		Text string `xml:",chardata"`
	}
	type testCase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Time    string   `xml:"time,attr"`
		Failure *message `xml:"failure"`
		Skipped *message `xml:"skipped"`
	}
	type testSuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	var all struct {
		XMLName xml.Name    `xml:"testsuites"`
		Suites  []testSuite `xml:"testsuite"`
	}
	for _, s := range r.suites {
		one := testSuite{Name: s.name, Tests: len(s.results)}
		for _, done := range s.results {
			c := testCase{Name: strings.TrimSpace(fmt.Sprintf("line %d %s %s", done.Line, done.Call, done.About)),
				Class: done.Script, Time: fmt.Sprintf("%.3f", done.Seconds)}
			switch done.Outcome {
			case "failed":
				one.Failures++
				c.Failure = &message{done.Problem}
			case "skipped":
				one.Skipped++
				c.Skipped = &message{}
			}
			one.Cases = append(one.Cases, c)
		}
		all.Suites = append(all.Suites, one)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
