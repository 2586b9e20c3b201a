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
	minRecords   = 30
	maxRetention = 36_500
)

// readRetention reads for how long what a store keeps is kept.
func readRetention(r *reader, node ast.Node, keep *Retention) {
	r.mapping(node, "retention", entries{
		"values":  func(n ast.Node) { keep.Values = readDays(r, n, "values", minRetention) },
		"records": func(n ast.Node) { keep.Records = readDays(r, n, "records", minRecords) },
		"export": func(n ast.Node) {
			if text, ok := r.text(n, "export"); ok && !filepath.IsAbs(text) {
				r.fail(n, "export is the full path of a folder, not %q", text)
			} else {
				keep.Export = text
			}
		},
	})
	switch {
	case (keep.Records == 0) != (keep.Export == ""):
		r.fail(node, "records and export go together: what is cut is written to a file in that folder first")
	case keep.Records > 0 && keep.Records < keep.Values:
		r.fail(node, "records are kept for as long as their values, or longer")
	}
}

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
