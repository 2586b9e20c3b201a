package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// Counts are how many items of a change have each outcome.
type Counts struct {
	Changed   int `json:"changed,omitempty"`
	Unchanged int `json:"unchanged,omitempty"`
	Written   int `json:"written,omitempty"`
	Partly    int `json:"partly,omitempty"`
	Failed    int `json:"failed,omitempty"`
	NotSent   int `json:"not_sent,omitempty"`
	Unknown   int `json:"unknown,omitempty"`
	Pending   int `json:"pending,omitempty"`
}

// ChangeResult is the answer of every write: the change's handle, status and per-outcome item counts, as verified by
// reading back, what a few items were and are, the id of what was created, what went wrong where, and whether
// undo_change can put it back.
type ChangeResult struct {
	Change string `json:"change"`
	Status string `json:"status"`
	Counts
	Items       []string `json:"items,omitempty"`
	Undo        *bool    `json:"undo,omitempty"`
	Created     string   `json:"created,omitempty"`
	DuplicateOf string   `json:"duplicate_of,omitempty"`
	Problems    []string `json:"problems,omitempty"`
	Preview     string   `json:"preview,omitempty"`
	ExpiresAt   string   `json:"expires_at,omitempty"`
	Note        string   `json:"note,omitempty"`
}

func (r *ChangeResult) AddNote(note string) { r.Note = text.JoinNotes(r.Note, note) }

// skippedListed is how many reasons to skip something get_change lists.
const skippedListed = 20

// The columns of a receipt's reason why an item failed: that of a change of one item, the only one of several that did,
// and the most frequent reason.
const (
	shownOwnReason  = 88
	shownOnlyReason = 68
	shownReason     = 32
)

// Receipt sums a change up.
func (v *View) Receipt(c change.Change) *ChangeResult {
	r := &ChangeResult{Change: c.ID, Status: string(c.Status), Counts: v.counts(&c), Problems: v.problems(c.Items)}
	if len(c.Items) == 1 {
		r.Created = c.Items[0].Created
	} else if n := created(c.Items); n > 0 {
		r.AddNote(fmt.Sprintf("%d of them were created", n))
	}
	if c.Status.Ended() && !c.Purged {
		r.Items, r.Undo = v.few(&c), undoable(&c)
		r.AddNote(v.Mask.priceOfSecrecy(&c))
		if slices.ContainsFunc(c.Items, func(i change.Item) bool { return i.Outcome.Wrote() && i.Patch.Traits().Removes }) {
			r.AddNote("an operator removes what is still on record here: intercom-mcp state erase CONTACT")
		}
	}
	switch reason := v.Mask.Reason(&c); {
	case c.Status == change.StatusStale:
		r.AddNote("Intercom changed since the plan: " + reason + "; nothing was written")
	case reason != "":
		r.AddNote(reason)
	}
	if len(c.Conflicts) > 0 && c.Status != change.StatusAwaiting {
		r.AddNote("skipped: " + text.ListFew(v.Mask.RedactIfGrew(&c, c.Conflicts), 1))
	}
	return r
}

// created is how many contacts items created.
func created(items []change.Item) int {
	n := 0
	for i := range items {
		if items[i].Patch.Op == change.Create && items[i].Created != "" {
			n++
		}
	}
	return n
}

// problems says what went wrong: with whom, unless the change is of one, and why, where it was one item, and the most
// frequent reason, where it was several. A receipt has little room; get_change lists all. What shows of a few items in
// part is told by few.
func (v *View) problems(items []change.Item) []string {
	type problem struct{ outcome, reason string }
	count := make(map[problem]int)
	var first *change.Item
	var order []problem
	wrong := 0
	for i := range items {
		item := &items[i]
		told := len(items) > 1 && len(items) <= receiptItems
		if item.Outcome != change.Failed && item.Outcome != change.Unknown && (item.Outcome != change.Partly || told) {
			continue
		}
		p := problem{string(item.Outcome), v.Mask.Redact(item.Reason)}
		if count[p]++; count[p] == 1 {
			order = append(order, p)
		}
		if wrong++; wrong == 1 {
			first = item
		}
	}
	switch wrong {
	case 0:
		return nil
	case 1:
		reason := briefly(order[0].reason)
		if first.Outcome == change.Partly && len(items) > receiptItems {
			reason = partly(first)
		}
		if len(items) == 1 {
			return []string{inWords(reason, shownOwnReason)}
		}
		return []string{v.Mask.addressed(first) + ": " + inWords(reason, shownOnlyReason)}
	}
	most := slices.MaxFunc(order, func(a, b problem) int { return count[a] - count[b] })
	str := most.outcome + ": " + text.Clip(briefly(most.reason), shownReason)
	if count[most] > 1 {
		str = strconv.Itoa(count[most]) + " " + str
	}
	if more := len(order) - 1; more > 0 {
		str += "; " + text.Plural(more, "other reason")
	}
	return []string{str + "; see get_change"}
}

// inWords has a reason take at most so many columns: of a longer one two thirds of them, to the end of a word, and
// where all of it is.
func inWords(reason string, most int) string {
	if text.Width(reason) <= most {
		return reason
	}
	cut := text.Clip(reason, most*2/3)
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at] + "…"
	}
	return cut + "; see get_change"
}

// briefly leaves out of a reason whose word it is.
func briefly(reason string) string { return strings.TrimPrefix(reason, "Intercom refused: ") }

// ChangeDetail is a change with its contacts.
type ChangeDetail struct {
	Change    string `json:"change"`
	What      string `json:"what,omitempty"`
	Tool      string `json:"tool,omitempty"`
	By        string `json:"by,omitempty"`
	Status    string `json:"status"`
	Level     string `json:"level,omitempty"`
	Approved  string `json:"approved,omitempty"`
	CreatedAt string `json:"created_at,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
	Counts
	Preview string `json:"preview,omitempty"`
	Table
}

// person is how people know who asked for a change; "" where only the principal is known.
func person(p change.Person) string {
	name, email := text.Clip(text.Clean(p.Name), ShownValue), text.Clip(text.Clean(p.Email), 2*ShownValue)
	switch {
	case name == "" || email == "":
		return name + email
	}
	return name + " <" + email + ">"
}

// Requester is who asked for a change, as people know them, or as the principal that they are on record.
func Requester(c *change.Change) string {
	if known := person(c.Person); known != "" {
		return known
	}
	return text.Clip(text.Clean(c.Principal), 2*ShownValue)
}

// Detail sums a change up over a table of its contacts.
func (v *View) Detail(c change.Change, table *Table) *ChangeDetail {
	first := new(change.Item)
	if len(c.Items) > 0 {
		first = &c.Items[0]
	}
	d := &ChangeDetail{
		Change: c.ID, What: v.Title(&c, len(c.Items), first), Tool: c.Tool, Status: string(c.Status), Level: c.Level.String(),
		By: person(c.Person), CreatedAt: ISO(c.CreatedAt), Counts: v.counts(&c), Table: *table,
	}
	if c.Status == change.StatusAwaiting {
		d.ExpiresAt, d.Preview = ISO(c.ExpiresAt), v.Preview(&c, c.Decision)
	}
	if c.Approval != nil {
		d.Approved = c.Approval.Level.String()
		if by := c.Approval.Method; c.Approval.Level == policy.LevelUser && by != "" && by != "elicitation" {
			d.Approved += " by " + text.Clean(by)
		}
		d.Approved += " " + ISO(c.Approval.At)
	}
	if c.Reason != "" {
		d.AddNote(v.Mask.Reason(&c))
	}
	if len(c.Conflicts) > 0 {
		d.AddNote("skipped: " + text.ListFew(v.Mask.RedactIfGrew(&c, c.Conflicts), skippedListed))
	}
	if c.Purged {
		d.AddNote("what it wrote is on record no more")
	}
	return d
}

// counts counts the outcomes of a change's items.
func (v *View) counts(c *change.Change) Counts {
	n := v.count(c)
	return Counts{n["changed"], n["unchanged"], n["written"], n["partly"], n["failed"], n["not_sent"], n["unknown"],
		n["pending"]}
}

// count counts the outcomes of a change's items by name.
func (v *View) count(c *change.Change) map[string]int {
	n := make(map[string]int)
	for i := range c.Items {
		n[v.Mask.Outcome(c, &c.Items[i])]++
	}
	return n
}
