package policy

import (
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
		"values": func(n ast.Node) { keep.Values = readDays(r, n, "values", minRetention) },
	})
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
