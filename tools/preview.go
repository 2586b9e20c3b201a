package tools

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

const (
	previewRows  = 10  // contacts shown one by one
	previewValue = 40  // characters of one value
	previewDiff  = 240 // characters of one contact's row
	previewText  = 600 // characters of a note
)

// preview tells a person what a change would do, before the decision.
func (s *session) preview(d *draft, decision policy.Decision) string {
	n := change.CountItems(d.items)
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s", capitalised(d.verb), d.targets(n.Pending))
	if n.Unchanged > 0 {
		fmt.Fprintf(&out, " (%d more are so already)", n.Unchanged)
	}
	out.WriteString(".\n")
	shown := 0
	for i := range d.items {
		item := &d.items[i]
		if item.Outcome != change.Pending {
			continue
		}
		if shown++; shown > previewRows {
			fmt.Fprintf(&out, "  and %d more\n", n.Pending-previewRows)
			break
		}
		fmt.Fprintf(&out, "  %s  %s\n", item.Label, clip(s.diff(item), previewDiff))
	}
	if n.Pending > 1 {
		out.WriteString("Fields: " + histogram(d.items) + "\n")
	}
	for _, effect := range d.sideEffects {
		out.WriteString(effect + "\n")
	}
	if d.irreversible != "" {
		out.WriteString("This cannot be undone: " + d.irreversible + "\n")
	} else {
		out.WriteString("Can be put back with undo_change.\n")
	}
	for _, reason := range decision.Reasons {
		if reason.Verdict == policy.Confirm {
			out.WriteString("Asked because: " + reason.Text + "\n")
		}
	}
	out.WriteString(s.estimate(d.items))
	return out.String()
}

func capitalised(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// diff writes what an item changes: field: from → to.
func (s *session) diff(item *change.Item) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(item.Patch.Set)) {
		to := shown(name, s.visibleIn(item, name, item.Patch.Set[name]))
		if item.Patch.Op == change.Create || item.Patch.Key != "" {
			parts = append(parts, name+": "+to)
			continue
		}
		parts = append(parts, name+": "+shown(name, s.visibleIn(item, name, item.Before.Set[name]))+" → "+to)
	}
	for _, links := range []struct {
		what string
		refs []change.Ref
	}{{"+tag ", item.Patch.AddTags}, {"-tag ", item.Patch.RemoveTags}, {"+company ", item.Patch.AddCompanies}, {"-company ", item.Patch.RemoveCompanies}} {
		for _, ref := range links.refs {
			parts = append(parts, links.what+quoted(ref.Name))
		}
	}
	if item.Patch.Note != nil {
		parts = append(parts, "note: "+clip(plainText(item.Patch.Note.Body), previewText))
	}
	switch item.Patch.Op {
	case change.Update, change.Create, change.SaveCompany:
	case change.Merge:
		parts = append(parts, "merge into "+item.Patch.Into.Name)
	default:
		parts = append(parts, string(item.Patch.Op))
	}
	if len(parts) == 0 {
		return "nothing to change"
	}
	return strings.Join(parts, ", ")
}

// shown writes one value of a diff.
func shown(field string, value any) string {
	if empty(value) {
		return "(none)"
	}
	if strings.HasSuffix(field, "_at") {
		if t, ok := asTime(value); ok {
			return intercom.Time(t.Unix()).String()
		}
	}
	if text, ok := value.(string); ok {
		return quoted(text)
	}
	return clip(scalar(value), previewValue)
}

func quoted(text string) string { return "\"" + clip(clean(text), previewValue) + "\"" }

// histogram counts how many contacts each field changes on, most first.
func histogram(items []change.Item) string {
	counts := make(map[string]int)
	for i := range items {
		if items[i].Outcome == change.Pending {
			for _, field := range items[i].Patch.Fields() {
				counts[field]++
			}
		}
	}
	fields := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	const most = 12
	var parts []string
	for i, field := range fields {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(fields)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%s on %d", field, counts[field]))
	}
	return strings.Join(parts, ", ")
}

// estimate says what the change would cost: requests, and seconds where a
// request that has to wait for another takes 150 to 200 ms.
func (s *session) estimate(items []change.Item) string {
	bulk, single := s.route(items)
	requests := len(bulk)/pageOfContacts + 1 // reading before, to see that nothing moved
	took := time.Duration(requests) * 200 * time.Millisecond
	if len(bulk) > 0 {
		chunks := (len(bulk) + bulkChunk - 1) / bulkChunk
		requests += 2*chunks + (len(bulk)+pageOfContacts-1)/pageOfContacts
		took += time.Duration(chunks) * time.Second
	}
	for _, i := range single {
		steps := 2 + len(items[i].Patch.AddTags) + len(items[i].Patch.RemoveTags) + len(items[i].Patch.AddCompanies) + len(items[i].Patch.RemoveCompanies)
		requests += steps
		took += time.Duration(steps) * 150 * time.Millisecond / singleWorkers
	}
	return fmt.Sprintf("About %s to Intercom, %s.", plural(requests, "request"), plural(seconds(took), "second"))
}

// isoTime writes a time as ISO 8601 in UTC.
func isoTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
