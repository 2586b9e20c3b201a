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

// TestDefaultLogger leaves the default logger of a process alone whose stderr is another one: what others log goes
// nowhere that ends with the command.
func TestDefaultLogger(t *testing.T) {
	before := slog.Default()
	if code, _, stderr := output(t, "call", "list_tags", "{}", "--sandbox"); code != exitOK {
		t.Error(stderr)
	}
	server := launch(t, nil, environment(), "http", "--sandbox", "--addr", "127.0.0.1:0")
	server.stderr.await(t, `"url":"([^"]+)"`)
	if slog.Default() != before {
		t.Error("commands replace the default logger")
	}
	server.stop()
	if code := <-server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
}
