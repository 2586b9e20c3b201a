package tools

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

// ChangeResult is the answer of every write: the change's handle, what became
// of it, counted by what reading back shows, the id of what was created, and
// what went wrong where.
type ChangeResult struct {
	Change      string   `json:"change"`
	Status      string   `json:"status"`
	Changed     int      `json:"changed,omitempty"`
	Unchanged   int      `json:"unchanged,omitempty"`
	Failed      int      `json:"failed,omitempty"`
	Unknown     int      `json:"unknown,omitempty"`
	Pending     int      `json:"pending,omitempty"`
	Created     string   `json:"created,omitempty"`
	DuplicateOf string   `json:"duplicate_of,omitempty"`
	Problems    []string `json:"problems,omitempty"`
	Preview     string   `json:"preview,omitempty"`
	ExpiresAt   string   `json:"expires_at,omitempty"`
	Note        string   `json:"note,omitempty"`
}

func (r *ChangeResult) addNote(note string) { r.Note = text.JoinNotes(r.Note, note) }

// leftListed is how many reasons to leave something alone get_change lists.
const leftListed = 20

// The columns of a receipt's reason why an item failed: the only one that did, and
// the most frequent reason of several.
const (
	shownOnlyReason = 52
	shownReason     = 48
)

// receipt sums a change up.
func (s *session) receipt(c change.Change) *ChangeResult {
	n := change.CountItems(c.Items)
	r := &ChangeResult{Change: c.ID, Status: string(c.Status), Changed: n.Changed, Unchanged: n.Unchanged, Failed: n.Failed, Unknown: n.Unknown, Pending: n.Pending}
	r.Problems = s.problems(c.Items)
	if len(c.Items) == 1 {
		r.Created = c.Items[0].Created
	}
	switch reason := s.reason(&c); {
	case c.Status == change.StatusStale:
		r.addNote("Intercom changed since the plan: " + reason + "; nothing was written")
	case reason != "":
		r.addNote(reason)
	}
	if len(c.Conflicts) > 0 && c.Status != change.StatusAwaiting {
		r.addNote("left alone: " + text.ListFew(s.worded(&c, c.Conflicts), 1))
	}
	return r
}

// problems says what went wrong: with whom and why, where it was one item, and
// the most frequent reason, where it was several. A receipt has little room;
// get_change lists all.
func (s *session) problems(items []change.Item) []string {
	type problem struct{ outcome, reason string }
	count := make(map[problem]int)
	var first *change.Item
	var order []problem
	wrong := 0
	for i := range items {
		item := &items[i]
		if item.Outcome != change.Failed && item.Outcome != change.Unknown {
			continue
		}
		p := problem{string(item.Outcome), s.redact(item.Reason)}
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
		return []string{s.addressed(first) + ": " + text.Clip(briefly(order[0].reason), shownOnlyReason)}
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

// briefly leaves out of a reason whose word it is.
func briefly(reason string) string { return strings.TrimPrefix(reason, "Intercom refused: ") }

// addressed names an item by what finds it again: its id where less than its whole
// address may be shown.
func (s *session) addressed(item *change.Item) string {
	if who := s.who(item); item.LabelField == "email" && !strings.Contains(who, policy.Hidden) {
		return who
	}
	return cmp.Or(item.TargetID, s.who(item))
}

// target names an item by what a person knows, and by its id.
func (s *session) target(item *change.Item) string {
	who := s.who(item)
	if item.Patch.Op == change.Merge {
		return sideOf("lead", who, item.TargetID)
	}
	if item.TargetID != "" && !strings.Contains(who, item.TargetID) {
		who += " " + item.TargetID
	}
	return who
}

// GetChangeInput names a change and what to show of it.
type GetChangeInput struct {
	// handle, chg_…
	Change string `json:"change"`
	// only these contacts
	Outcome ItemOutcome `json:"outcome,omitempty"`
	// rows
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50"`
	// from next_cursor
	Cursor string `json:"cursor,omitempty"`
}

// ItemOutcome is what became of one contact of a change.
type ItemOutcome string

// Enum lists the outcomes.
func (ItemOutcome) Enum() []string {
	return []string{"pending", "changed", "unchanged", "failed", "unknown"}
}

// ChangeDetail is a change with its contacts.
type ChangeDetail struct {
	Change    string `json:"change"`
	What      string `json:"what,omitempty"`
	Tool      string `json:"tool,omitempty"`
	Status    string `json:"status"`
	Level     string `json:"level,omitempty"`
	Approved  string `json:"approved,omitempty"`
	CreatedAt string `json:"created_at,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
	Changed   int    `json:"changed,omitempty"`
	Unchanged int    `json:"unchanged,omitempty"`
	Failed    int    `json:"failed,omitempty"`
	Unknown   int    `json:"unknown,omitempty"`
	Pending   int    `json:"pending,omitempty"`
	Preview   string `json:"preview,omitempty"`
	Table
}

// getChange shows a change: where it stands, and contact by contact.
func getChange(ctx context.Context, s *session, in GetChangeInput) (*ChangeDetail, error) {
	c, err := s.findChange(ctx, in.Change)
	if err != nil {
		return nil, err
	}
	if in.Limit == 0 {
		in.Limit = defaultLimit
	}
	binding := s.listBinding([]string{c.ID, string(in.Outcome)})
	from, err := decodeCursor(in.Cursor, binding, directory.PageOfContacts)
	if err != nil {
		return nil, err
	}
	got, err := collect(from, in.Limit, func(at position) (intercom.Page[change.Item], error) {
		return sliceOf(c.Items, at), nil
	}, func(item *change.Item) (bool, error) {
		return in.Outcome == "" || outcomeName(item) == string(in.Outcome), nil
	})
	if err != nil {
		return nil, err
	}
	if in.Outcome != "" {
		got.total = -1
	}
	table, err := tabulate(got, binding, []string{"id", "contact", "outcome", "change", "reason"}, func(item *change.Item) []string {
		diff := ""
		if !c.Purged {
			diff, _ = s.diff(item, maxCell)
			diff = text.Clip(diff, maxCell)
		}
		return []string{item.TargetID, s.who(item), outcomeName(item), diff, text.Clip(s.redact(item.Reason), maxCell)}
	})
	if err != nil {
		return nil, err
	}
	return s.describe(c, table), nil
}

// describe sums a change up over a table of its contacts.
func (s *session) describe(c change.Change, table *Table) *ChangeDetail {
	n := change.CountItems(c.Items)
	first := new(change.Item)
	if len(c.Items) > 0 {
		first = &c.Items[0]
	}
	d := &ChangeDetail{
		Change: c.ID, What: s.title(&c, n.Total(), first), Tool: c.Tool, Status: string(c.Status), Level: c.Level.String(),
		CreatedAt: isoTime(c.CreatedAt), Changed: n.Changed, Unchanged: n.Unchanged, Failed: n.Failed, Unknown: n.Unknown, Pending: n.Pending, Table: *table,
	}
	if c.Status == change.StatusAwaiting {
		d.ExpiresAt, d.Preview = isoTime(c.ExpiresAt), s.preview(&c, c.Decision)
	}
	if c.Approval != nil {
		d.Approved = c.Approval.Level.String() + " " + isoTime(c.Approval.At)
	}
	if c.Reason != "" {
		d.addNote(s.reason(&c))
	}
	if len(c.Conflicts) > 0 {
		d.addNote("left alone: " + text.ListFew(s.worded(&c, c.Conflicts), leftListed))
	}
	if c.Status == change.StatusApproved || c.Status == change.StatusApplying {
		d.addNote(s.goesOn(c.ID))
	}
	if c.Purged {
		d.addNote("what it wrote is on record no more")
	}
	return d
}

// outcomeName names an item's outcome; one without an outcome is pending.
func outcomeName(item *change.Item) string {
	if item.Outcome == change.Pending {
		return "pending"
	}
	return string(item.Outcome)
}
