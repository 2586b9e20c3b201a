package policy

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// The bounds of what is kept, in days.
const (
	minRetention = 1
	maxRetention = 36_500
)

// readRetention reads for how long what a store keeps is kept.
func readRetention(r *reader, node ast.Node, keep *Retention) {
	r.mapping(node, "retention", entries{
		"values":  func(n ast.Node) { keep.Values = readDays(r, n, "values", minRetention) },
		"records": func(n ast.Node) { readRecords(r, n, keep) },
	})
	if keep.Records > 0 && keep.Records < keep.Values {
		r.fail(node, "records are kept as long as values at least: %s is less than %s", inDays(keep.Records),
			inDays(keep.Values))
	}
}

// readRecords reads when whole changes and their trail are exported and cut, and to where.
func readRecords(r *reader, node ast.Node, keep *Retention) {
	found := r.mapping(node, "records", entries{
		"age": func(n ast.Node) { keep.Records = readDays(r, n, "age", minRetention) },
		"folder": func(n ast.Node) {
			var ok bool
			keep.Folder, ok = r.text(n, "folder")
			if ok && !filepath.IsAbs(keep.Folder) && !strings.HasPrefix(keep.Folder, "/") {
				r.fail(n, "folder is an absolute path, such as /var/lib/intercom-mcp/exports, not %q", keep.Folder)
			}
		},
	})
	if found != nil && (found["age"] == nil || found["folder"] == nil) {
		r.fail(node, "records need an age and a folder: nothing is cut before it was exported")
	}
}

// inDays is a time as a policy has it.
func inDays(d time.Duration) string { return strconv.Itoa(int(d/(24*time.Hour))) + "d" }

// readDays reads a number of days, such as 90d.
func readDays(r *reader, node ast.Node, what string, least int) time.Duration {
	text, ok := r.text(node, what)
	if !ok {
		return 0
	}
	number, inDays := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(number)
	if !inDays || err != nil || n < least || n > maxRetention || number != strconv.Itoa(n) {
		r.fail(node, "%s is a number of days from %dd to %dd, such as 90d, not %q", what, least, maxRetention, text)
		return 0
	}
	return time.Duration(n) * 24 * time.Hour
}
