package tools

import (
	"context"
	"fmt"
	"strconv"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
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

func (r *ChangeResult) addNote(note string) { r.Note = joinNotes(r.Note, note) }

// maxProblemsShown is how many failed or unknown items a receipt spells out.
const maxProblemsShown = 10

// receipt sums a change up.
func (s *session) receipt(c change.Change) *ChangeResult {
	n := change.CountItems(c.Items)
	r := &ChangeResult{Change: c.ID, Status: string(c.Status), Changed: n.Changed, Unchanged: n.Unchanged, Failed: n.Failed, Unknown: n.Unknown, Pending: n.Pending}
	for i := range c.Items {
		item := &c.Items[i]
		if item.Outcome != change.Failed && item.Outcome != change.Unknown {
			continue
		}
		if len(r.Problems) == maxProblemsShown {
			r.addNote(fmt.Sprintf("%d more problems: get_change lists them", n.Failed+n.Unknown-maxProblemsShown))
			break
		}
		r.Problems = append(r.Problems, problem(item))
	}
	if len(c.Items) == 1 {
		r.Created = c.Items[0].Created
	}
	if c.Status == change.StatusStale {
		r.addNote("Intercom changed since the plan: " + c.Reason + "; nothing was written")
	} else if c.Reason != "" {
		r.addNote(c.Reason)
	}
	return r
}

// problem says what became of an item that did not go well.
func problem(item *change.Item) string {
	who := item.Label
	if item.Contact != "" && item.Contact != who {
		who += " " + item.Contact
	}
	return fmt.Sprintf("%s: %s: %s", who, item.Outcome, item.Reason)
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
	from, err := decodeCursor(in.Cursor, binding, pageOfContacts)
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
		if !c.Forgotten {
			diff = clip(s.diff(item), maxCell)
		}
		return []string{item.Contact, item.Label, outcomeName(item), diff, clip(item.Reason, maxCell)}
	})
	if err != nil {
		return nil, err
	}
	return describe(c, table), nil
}

// describe sums a change up over a table of its contacts.
func describe(c change.Change, table *Table) *ChangeDetail {
	n := change.CountItems(c.Items)
	d := &ChangeDetail{
		Change: c.ID, What: c.Title, Tool: c.Tool, Status: string(c.Status), Level: c.Level.String(),
		CreatedAt: isoTime(c.CreatedAt), Changed: n.Changed, Unchanged: n.Unchanged, Failed: n.Failed, Unknown: n.Unknown, Pending: n.Pending, Table: *table,
	}
	if c.Status == change.StatusAwaiting {
		d.ExpiresAt, d.Preview = isoTime(c.ExpiresAt), c.Preview
	}
	if c.Approval != nil {
		d.Approved = c.Approval.Level.String() + " " + isoTime(c.Approval.At)
	}
	if c.Reason != "" {
		d.addNote(c.Reason)
	}
	if c.Forgotten {
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

// plural writes a number and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
