package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// The bounds of the limits are what the server itself can do.
const (
	maxBulk   = 10_000
	maxInline = 200
	maxWindow = 1_000_000

	maxWaiting = 1_000

	minTTL = time.Minute
	maxTTL = 24 * time.Hour

	maxApproveWithin = 7 * 24 * time.Hour
)

// policy reads the whole file into p.
func (r *reader) policy(body ast.Node, p *Policy) {
	r.mapping(body, "a policy", entries{
		"mode":      func(n ast.Node) { p.Mode, _ = oneOf(r, n, "mode", ModeRead, ModeWrite, ModeFull) },
		"protected": func(n ast.Node) { p.Protected = words(r, n, "protected", mayBeEmpty, r.field(r.known.Protected)) },
		"masked":    func(n ast.Node) { p.Masked = words(r, n, "masked", mayBeEmpty, r.field(r.known.Masked)) },
		"limits":    func(n ast.Node) { r.limits(n, &p.Limits) },
		"confirm":   func(n ast.Node) { r.confirmation(n, &p.Confirm) },
		"audit":     func(n ast.Node) { r.audit(n, &p.Audit) },
		"notify":    func(n ast.Node) { readNotify(r, n, &p.Notify) },
		"retention": func(n ast.Node) { readRetention(r, n, &p.Retention) },
		"roles":     func(n ast.Node) { p.Roles = r.roles(n) },
		"timezone":  func(n ast.Node) { p.Zone = readZone(r, n) },
		"rules":     func(n ast.Node) { p.Rules = r.rules(n) },
	})
}

// field reads the name of a contact field that is one of known.
func (r *reader) field(known []string) func(ast.Node, string) (string, bool) {
	return func(node ast.Node, name string) (string, bool) {
		if isField(name, known) {
			return name, true
		}
		r.fail(node, "%q is none of %s, %s%s%s",
			name, strings.Join(known, ", "), customPrefix, anyName, didYouMean(name, known))
		return "", false
	}
}

func (r *reader) limits(node ast.Node, limits *Limits) {
	r.mapping(node, "limits", limitEntries(r, limits))
}

// limitEntries says how each of the limits is read.
func limitEntries(r *reader, limits *Limits) entries {
	return entries{
		"bulk_contacts":    func(n ast.Node) { limits.BulkContacts = r.number(n, "bulk_contacts", 1, maxBulk) },
		"inline_updates":   func(n ast.Node) { limits.InlineUpdates = r.number(n, "inline_updates", 1, maxInline) },
		"contacts_per_10m": func(n ast.Node) { limits.ContactsPer10m = r.number(n, "contacts_per_10m", 0, maxWindow) },
		"stop_after":       func(n ast.Node) { r.stopAfter(n, &limits.StopAfter) },
		"waiting_changes": func(n ast.Node) {
			limits.WaitingChanges = r.number(n, "waiting_changes", 1, maxWaiting)
		},
		"waiting_megabytes": func(n ast.Node) {
			limits.WaitingMegabytes = r.number(n, "waiting_megabytes", 1, maxWaiting)
		},
		"unanswered_per_10m": func(n ast.Node) {
			limits.UnansweredPer10m = r.number(n, "unanswered_per_10m", 1, maxWaiting)
		},
	}
}

func (r *reader) stopAfter(node ast.Node, stop *StopAfter) {
	r.mapping(node, "stop_after", entries{
		"percent":     func(n ast.Node) { stop.Percent = r.number(n, "percent", 1, 100) },
		"of_at_least": func(n ast.Node) { stop.OfAtLeast = r.number(n, "of_at_least", 1, maxBulk) },
		"items":       func(n ast.Node) { stop.Items = r.number(n, "items", 1, maxBulk) },
	})
}

func (r *reader) confirmation(node ast.Node, confirm *Confirmation) {
	r.mapping(node, "confirm", entries{
		"fallback": func(n ast.Node) { confirm.Fallback, _ = oneOf(r, n, "fallback", LevelNone, LevelAgent, LevelUser) },
		"ttl":      func(n ast.Node) { confirm.TTL = r.duration(n, "ttl", maxTTL) },
		"approve_within": func(n ast.Node) {
			confirm.ApproveWithin = r.duration(n, "approve_within", maxApproveWithin)
		},
		"execute_within": func(n ast.Node) { confirm.ExecuteWithin = r.duration(n, "execute_within", maxTTL) },
		"self_approval":  func(n ast.Node) { confirm.SelfApproval = r.truth(n, "self_approval") },
		"views":          func(n ast.Node) { confirm.Views, _ = oneOf(r, n, "views", LevelAgent, LevelUser) },
	})
}

func (r *reader) audit(node ast.Node, audit *Audit) {
	r.mapping(node, "audit", entries{
		"values": func(n ast.Node) { audit.Values = r.truth(n, "values") },
	})
}

// oneOf reads a text that is one of some names.
func oneOf[T any](r *reader, node ast.Node, what string, of ...T) (value T, ok bool) {
	text, ok := r.text(node, what)
	if !ok {
		return value, false
	}
	names := make([]string, len(of))
	for i, value := range of {
		if names[i] = fmt.Sprint(value); names[i] == text {
			return value, true
		}
	}
	r.fail(node, "%s %q is none of %s", what, text, strings.Join(names, ", "))
	return value, false
}

// duration reads a time between minTTL and most, which is in whole hours.
func (r *reader) duration(node ast.Node, what string, most time.Duration) time.Duration {
	text, ok := r.text(node, what)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < minTTL || d > most {
		r.fail(node, "%s is a time between 1m and %dh, such as 15m or 2h, not %q", what, int(most.Hours()), text)
	}
	return d
}

// readZone reads the name of a time zone.
func readZone(r *reader, node ast.Node) *time.Location {
	name, ok := r.text(node, "timezone")
	if !ok {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		r.fail(node, "there is no time zone %q; they have names such as Europe/Dublin, America/New_York and UTC", name)
	}
	return zone
}
