package terminal

import (
	"strings"
	"testing"
)

// TestProgressBar draws the share that is done, and describes it.
func TestProgressBar(t *testing.T) {
	tests := []struct {
		name string
		p    Progress
		full int
		text string
	}{
		{"begun", Progress{Done: 0, Total: 10}, 0, "0 of 10"},
		{"half", Progress{Done: 5, Total: 10}, barWidth / 2, "5 of 10"},
		{"all", Progress{Done: 10, Total: 10, Message: "read back"}, barWidth, "read back"},
		{"more than all", Progress{Done: 11, Total: 10}, barWidth, "11 of 10"},
		{"of nobody knows how many", Progress{Done: 3}, 0, "3 of 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := new(strings.Builder)
			bar := &ProgressBar{Out: out}
			bar.Show(test.p)
			if got := strings.Count(out.String(), "█"); got != test.full {
				t.Errorf("%d of %d filled, want %d", got, barWidth, test.full)
			}
			if !strings.HasSuffix(out.String(), " "+test.text) {
				t.Errorf("text of %q", out.String())
			}
		})
	}
	t.Run("finished without a total", func(t *testing.T) {
		out := new(strings.Builder)
		bar := &ProgressBar{Out: out}
		bar.Show(Progress{Message: "61 contacts looked at"})
		bar.Finish()
		if strings.Contains(out.String(), "done") || !strings.HasSuffix(out.String(), "\r\x1b[K") {
			t.Errorf("drawn %q", out.String())
		}
	})
	t.Run("nothing was shown", func(t *testing.T) {
		out := new(strings.Builder)
		bar := &ProgressBar{Out: out}
		bar.Clear()
		bar.Finish()
		if out.String() != "" {
			t.Errorf("drawn %q", out.String())
		}
	})
}

// TestProgressLine stays on one line of a terminal of any width.
func TestProgressLine(t *testing.T) {
	p := Progress{Done: 5, Total: 10, Message: "5 of 10 sent"}
	for columns, want := range map[int]string{
		0: "   " + strings.Repeat("█", 15) + strings.Repeat("░", 15) + " 5 of 10 sent", 1: "", 2: "5", 8: "5 of 10",
		12: "5 of 10 sen", 13: "5 of 10 sent", 21: "5 of 10 sent", 22: "   ██░░░ 5 of 10 sent",
		40:  "   " + strings.Repeat("█", 11) + strings.Repeat("░", 12) + " 5 of 10 sent",
		47:  "   " + strings.Repeat("█", 15) + strings.Repeat("░", 15) + " 5 of 10 sent",
		200: "   " + strings.Repeat("█", 15) + strings.Repeat("░", 15) + " 5 of 10 sent",
	} {
		if got := p.line(columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
}
