package main

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"intercom-mcp/tools"
)

// Colours are for terminals alone, which a file is not.
func TestColoured(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	h := &host{env: environment("TERM", "xterm")}
	if h.coloured(file) || h.coloured(newTape()) {
		t.Error("colours where there is no terminal")
	}
	if got := (paint{}).red("text"); got != "text" {
		t.Errorf("painted %q without colours", got)
	}
	if got := (paint{on: true}).red("text"); got != "\x1b[31mtext\x1b[0m" {
		t.Errorf("painted %q", got)
	}
}

// The bar grows with what is done, and words what it shows.
func TestProgressBar(t *testing.T) {
	tests := []struct {
		name string
		p    tools.Progress
		full int
		text string
	}{
		{"begun", tools.Progress{Done: 0, Total: 10}, 0, "0 of 10"},
		{"half", tools.Progress{Done: 5, Total: 10}, barWidth / 2, "5 of 10"},
		{"all", tools.Progress{Done: 10, Total: 10, Message: "read back"}, barWidth, "read back"},
		{"more than all", tools.Progress{Done: 11, Total: 10}, barWidth, "11 of 10"},
		{"of nobody knows how many", tools.Progress{Done: 3}, 0, "3 of 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := newTape()
			bar := &progressBar{out: out}
			bar.show(test.p)
			if got := strings.Count(out.String(), "█"); got != test.full {
				t.Errorf("%d of %d filled, want %d", got, barWidth, test.full)
			}
			if !strings.HasSuffix(out.String(), " "+test.text) {
				t.Errorf("text of %q", out)
			}
		})
	}
	t.Run("nothing was shown", func(t *testing.T) {
		out := newTape()
		bar := &progressBar{out: out}
		bar.clear()
		bar.finish()
		if out.String() != "" {
			t.Errorf("drawn %q", out)
		}
	})
}

// The log is as the flags say, and as the command says where they do not.
func TestLogger(t *testing.T) {
	auto := logDefaults{level: slog.LevelInfo, format: "json"}
	tests := []struct {
		name         string
		flags        logFlags
		json         bool
		debug, infos bool
	}{
		{"auto", logFlags{LogLevel: "auto", LogFormat: "auto"}, true, false, true},
		{"text", logFlags{LogLevel: "auto", LogFormat: "text"}, false, false, true},
		{"debug", logFlags{LogLevel: "debug", LogFormat: "auto"}, true, true, true},
		{"warn", logFlags{LogLevel: "warn", LogFormat: "json"}, true, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := newTape()
			log := test.flags.logger(&host{stderr: out, env: environment()}, auto)
			log.Debug("fine")
			log.Info("usual")
			log.Error("bad", "n", 1)
			text := out.String()
			if strings.Contains(text, "fine") != test.debug || strings.Contains(text, "usual") != test.infos || !strings.Contains(text, "bad") {
				t.Errorf("logged %q", text)
			}
			for line := range strings.Lines(text) {
				if json.Valid([]byte(line)) != test.json {
					t.Errorf("line %q, want JSON: %v", line, test.json)
				}
			}
			if strings.Contains(text, "\x1b") {
				t.Errorf("colours in %q", text)
			}
		})
	}
}
