package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
)

// logHelp are the help texts of logFlags.
var logHelp = helpTexts{
	"log_level":  "How much to log on stderr: debug, info, warn or error; auto is info for servers, warn for the rest.",
	"log_format": "Form of the log: text or json; auto is json for http, text for the rest.",
}

// logFlags are the flags of every command that logs.
type logFlags struct {
	LogLevel  string `variable:"INTERCOM_LOG_LEVEL" enum:"auto,debug,info,warn,error" default:"auto" help:"@log_level"`
	LogFormat string `variable:"INTERCOM_LOG_FORMAT" enum:"auto,text,json" default:"auto" help:"@log_format"`
}

// logDefaults is what auto stands for in one command.
type logDefaults struct {
	level  slog.Level
	format string
}

// logger returns the command's logger, which writes to the host's stderr.
func (f logFlags) logger(h *host, auto logDefaults) *slog.Logger {
	log := f.loggerTo(h, h.stderr, auto)
	h.becomesDefault(log)
	return log
}

// becomesDefault makes a logger the default one where stderr is that of the process, so that no library finds a way of
// its own.
func (h *host) becomesDefault(log *slog.Logger) {
	if h.stderr == io.Writer(os.Stderr) {
		slog.SetDefault(log)
	}
}

// serverLogger is logger for a command that serves: what logs never waits for stderr. close writes what is left.
func (f logFlags) serverLogger(h *host, auto logDefaults) (log *slog.Logger, close func()) {
	w := newLogWriter(h.stderr, func(dropped int) []byte {
		var line bytes.Buffer
		f.loggerTo(h, &line, auto).Warn("log lines dropped: stderr did not take them", "lines", dropped)
		return line.Bytes()
	})
	log = f.loggerTo(h, w, auto)
	h.becomesDefault(log)
	h.serves = true
	return log, w.close
}

// loggerTo returns a logger as the flags want it.
func (f logFlags) loggerTo(h *host, w io.Writer, auto logDefaults) *slog.Logger {
	level, format := auto.level, auto.format
	switch f.LogLevel {
	case "debug":
		level = slog.LevelDebug
	case "info":
		level = slog.LevelInfo
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	}
	if f.LogFormat == "text" || f.LogFormat == "json" {
		format = f.LogFormat
	}
	return slog.New(logHandler(w, level, format, h.coloured(h.stderr)))
}

// logHandler writes records as JSON, or as text for people.
func logHandler(w io.Writer, level slog.Level, format string, colours bool) slog.Handler {
	if format == "json" {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	}
	return tint.NewTextHandler(w, &tint.Options{Level: level, NoColor: !colours, TimeFormat: time.TimeOnly})
}
