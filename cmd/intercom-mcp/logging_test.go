package main

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

// TestLogger logs as the flags say, and by the command's defaults where they do not.
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
			for word, want := range map[string]bool{"fine": test.debug, "usual": test.infos, "bad": true} {
				if strings.Contains(text, word) != want {
					t.Errorf("logged %q, with %q: want %v", text, word, want)
				}
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
