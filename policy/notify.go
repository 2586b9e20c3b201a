package policy

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// noticeEvents are what notices may tell of; package change has them as its kinds of notices.
var noticeEvents = []string{"waiting", "approved", "declined", "stopped", "failed", "unknown", "chain_broken", "frozen"}

// Notify says what is told to a receiver outside, where the operator names one.
type Notify struct {
	Events []string // by name; nil: all
}

// Wanted are the names of what is told of.
func (n Notify) Wanted() []string {
	if n.Events == nil {
		return noticeEvents
	}
	return n.Events
}

// readNotify reads what is told to a receiver outside.
func readNotify(r *reader, node ast.Node, n *Notify) {
	r.mapping(node, "notify", entries{
		"events": func(node ast.Node) {
			n.Events = words(r, node, "events", mayBeEmpty, func(node ast.Node, name string) (string, bool) {
				known := slices.Contains(noticeEvents, name)
				if !known {
					r.fail(node, "%q is none of %s%s", name, strings.Join(noticeEvents, ", "), didYouMean(name, noticeEvents))
				}
				return name, known
			})
		},
	})
}
