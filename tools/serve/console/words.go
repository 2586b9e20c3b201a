package console

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/internal/text"
)

// words are what pages are worded by.
var words = template.FuncMap{
	"ago": ago, "until": until, "stamp": stamp, "iso": iso, "count": count, "plural": plural, "status": statusWord,
	"outcome": outcomeWord, "field": fieldWord, "duration": durationWord, "capital": text.Capitalise, "kind": kindWord,
	"share": share, "summary": summary, "sentence": text.Sentence, "step": step,
	"waits": func(l policy.Level) string { return waitWords[l] },
}

var statusWords = map[change.Status]string{
	change.StatusAwaiting: "Waiting for a yes", change.StatusApproved: "Approved, about to start",
	change.StatusApplying: "Being carried out", change.StatusApplied: "Done", change.StatusPartial: "Done in part",
	change.StatusFailed: "Failed", change.StatusUnknown: "Not known", change.StatusStopped: "Stopped",
	change.StatusDeclined: "Declined", change.StatusExpired: "Expired: nobody decided in time",
	change.StatusCancelled: "Taken back", change.StatusStale: "Out of date: nothing was written",
	change.StatusUndone: "Undone",
}

func statusWord(s change.Status) string {
	if word := statusWords[s]; word != "" {
		return word
	}
	return string(s)
}

// waitWords say whose yes a change waits for.
var waitWords = map[policy.Level]string{
	policy.LevelAgent: "Waits for the assistant to go on", policy.LevelUser: "Waits for its person, in their assistant",
	policy.LevelApprover: "Waits for somebody here",
}

var outcomeWords = map[string]string{
	"changed": "changed", "written": "written", "unchanged": "were so already", "partly": "changed in part",
	"failed": "failed", "unknown": "not known", "not_sent": "not sent", "pending": "to do",
}

func outcomeWord(outcome string) string {
	if word := outcomeWords[outcome]; word != "" {
		return word
	}
	return outcome
}

var fieldWords = map[string]string{
	"email": "e-mail", "owner_id": "owner", "external_id": "external id", "language_override": "language",
	"unsubscribed_from_emails": "unsubscribed from e-mails", "merged_into": "merged into",
}

// fieldWord is a field as a person knows it.
func fieldWord(field string) string {
	if word := fieldWords[field]; word != "" {
		return word
	}
	return strings.TrimPrefix(field, "custom_attributes.")
}

// kindWord is a kind of event as a person knows it.
func kindWord(kind change.Kind) string {
	switch kind {
	case change.KindCall:
		return "request to Intercom"
	case change.KindClaimed:
		return "bound to a workspace"
	case change.KindForgotten:
		return "values purged"
	}
	return strings.ReplaceAll(string(kind), "_", " ")
}

// count writes a number with its thousands apart.
func count(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return count(n) + " " + noun + "es"
	}
	return count(n) + " " + noun + "s"
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// stamp is a time as people write it, which the script turns into that of their own zone.
func stamp(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// durationWord is a time span, roughly.
func durationWord(d time.Duration) string {
	switch {
	case d < time.Second:
		return "a second"
	case d < 90*time.Second:
		return plural(int(d.Round(time.Second)/time.Second), "second")
	case d < 90*time.Minute:
		return plural(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 36*time.Hour:
		return plural(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return plural(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}

// ago is how long before now a time was.
func ago(now, t time.Time) string {
	if now.Sub(t) < time.Second {
		return "just now"
	}
	return durationWord(now.Sub(t)) + " ago"
}

// until is how long after now a time is.
func until(now, t time.Time) string {
	if !t.After(now) {
		return "no longer"
	}
	return "for another " + durationWord(t.Sub(now))
}

// share is a part of a whole in percent, for the width of a bar that can be seen.
func share(part, whole int) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprintf("%.1f%%", max(100*float64(part)/float64(whole), 0.5))
}

// step is a number of a page beside this one, as a query counts them.
func step(n, by int) int { return n + by }

// summaryParts is how many fields the first sentence about a change tells of.
const summaryParts = 3

// summary says in a few words what a change does, field by field.
func summary(c *tools.ConsoleChange) (parts []string) {
	for i, h := range c.Histograms {
		if i == summaryParts {
			parts = append(parts, plural(len(c.Histograms)-i, "more field"))
			break
		}
		switch name := fieldWord(h.Field); {
		case h.Hidden || len(h.Bars) == 0:
			parts = append(parts, name)
		case len(h.Bars) == 1 && h.More == 0 && h.Field == "email":
			parts = append(parts, name+" at “"+h.Bars[0].Value+"”")
		case len(h.Bars) == 1 && h.More == 0:
			parts = append(parts, name+" “"+h.Bars[0].Value+"”")
		default:
			parts = append(parts, name+" (on "+count(h.On)+")")
		}
	}
	return parts
}
