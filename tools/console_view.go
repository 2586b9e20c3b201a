package tools

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
)

// ConsoleChange is a change for a person who decides about it: its words come from the frozen plan alone. Texts may
// hold what customers wrote.
type ConsoleChange struct {
	ConsoleLine
	Plan         string // the hash of what would be approved
	Pending      int    // items that are to be written
	Unchanged    int    // items that were so already when it was planned
	Skipped      []string
	SideEffects  []string
	Irreversible string // why it cannot be undone; "" where it can
	Notes        []string
	Histograms   []render.Histogram
	Lookalikes   int // new values that may be taken for others
	NewDomains   []render.Bar
	Reasons      []policy.Reason // why the policy asks
	PolicyFile   string
	Requests     int           // to Intercom
	Took         time.Duration // estimated
	Counts       []ConsoleCount
	Done         int    // items of which the outcome is known
	Agreed       string // who agreed, and how; "" where nobody did
	AgreedAt     time.Time
	Approvals    []ConsoleApproval // by people in the console
	Barred       error             // why the visitor may not approve it: an error of an approval; nil where they may
	Lacking      []ConsoleNeed     // what it still takes, where it waits for people in the console
	EndedAt      time.Time
	Reason       string // why it is failed, stale or stopped as a whole
	Undoes       string // the change that it puts back
	Undoable     bool
	ValuesKept   time.Duration // for how long after it was planned the policy lets it be undone
	Purged       bool
	Fields       []string // that its rows have, for a filter
	Rows         ConsoleRows
}

// ConsoleApproval is a person's yes in the console.
type ConsoleApproval struct {
	By, Method string
	At         time.Time
	Reason     string // their word to whoever asked; may be empty
}

// ConsoleNeed is how many people still have to approve for a rule.
type ConsoleNeed struct {
	People int
	Roles  string // of which each of them has one, besides approver; empty: any
	Rule   string
}

// ConsoleCount is how many items have an outcome.
type ConsoleCount struct {
	Outcome string
	Items   int
}

// outcomeOrder is the order in which outcomes are counted for people.
var outcomeOrder = []string{"changed", "written", "unchanged", "partly", "failed", "unknown", "not_sent", "pending"}

// Change shows a change that the visitor sees, and a page of its rows; else it returns [change.ErrNotFound].
func (c *Console) Change(ctx context.Context, v *Visitor, id string, rows RowQuery) (*ConsoleChange, error) {
	s := c.session(v)
	found, err := findForPage(ctx, s, id)
	if err != nil {
		return nil, err
	}
	first := new(change.Item)
	if len(found.Items) > 0 {
		first = &found.Items[0]
	}
	plan, err := change.PlanHash(&found)
	if err != nil {
		return nil, err
	}
	pending := render.Pending(found.Items)
	shown := &ConsoleChange{
		ConsoleLine: consoleLine(s, &found, len(found.Items), first, v),
		Plan:        plan, Pending: len(pending), Unchanged: len(found.Items) - len(pending),
		Skipped:      cleaned(s.mask.RedactIfGrew(&found, found.Conflicts)),
		SideEffects:  cleaned(s.mask.RedactIfGrew(&found, found.SideEffects)),
		Irreversible: clean(found.Irreversible),
		Notes:        cleaned(s.mask.RedactIfGrew(&found, found.Notes)), PolicyFile: filepath.Base(s.inForce.File),
		EndedAt: found.EndedAt, Reason: clean(s.mask.Reason(&found)), Undoes: found.Undoes,
		Purged: found.Purged, Agreed: render.AgreedBy(&found), ValuesKept: s.inForce.Retention.Values,
	}
	for _, reason := range found.Decision.Reasons {
		reason.Rule, reason.Text = clean(reason.Rule), clean(reason.Text)
		shown.Reasons = append(shown.Reasons, reason)
	}
	shown.Barred = change.MayApprove(&found, c.approval(v, plan, ""))
	addPlan(s, shown, &found, pending)
	addOutcome(s, shown, &found)
	shown.Rows = consoleRows(s, &found, rows)
	return shown, nil
}

// clean is a text as a page shows it: on one line, without what hides or reorders, and cut.
func clean(str string) string { return text.Clip(text.Clean(str), shownCell) }

// mostListed is how many texts of a kind a page lists.
const mostListed = 100

// cleaned are texts as a page shows them, the first of them.
func cleaned(list []string) []string {
	var shown []string
	for _, str := range list[:min(len(list), mostListed)] {
		shown = append(shown, clean(str))
	}
	if more := len(list) - mostListed; more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	return shown
}

// findForPage reads a change that a visitor sees. What is no handle is of no change.
func findForPage(ctx context.Context, s *session, id string) (change.Change, error) {
	if !change.IsID(id) {
		return change.Change{}, change.ErrNotFound
	}
	return findSeen(ctx, s, id)
}

// addPlan adds what the items are to do.
func addPlan(s *session, shown *ConsoleChange, c *change.Change, pending []*change.Item) {
	if c.Purged {
		return
	}
	if len(pending) == 0 || c.Status.Ended() || c.Status == change.StatusApplying {
		pending = nil
		for i := range c.Items { // what they were to do
			pending = append(pending, &c.Items[i])
		}
	}
	shown.Histograms = s.view.Histograms(c, pending)
	for _, h := range shown.Histograms {
		for _, bar := range h.Bars {
			switch {
			case bar.Odd && h.Field == "email":
				shown.NewDomains = append(shown.NewDomains, bar)
			case bar.Odd:
				shown.Lookalikes += bar.On
			}
		}
	}
	fields := make(map[string]bool)
	for _, item := range pending {
		for _, part := range item.Patch.Parts() {
			fields[part.Field] = true
		}
	}
	for field := range fields {
		shown.Fields = append(shown.Fields, shownField(field))
	}
	slices.Sort(shown.Fields)
	shown.Requests, shown.Took = s.view.Cost(c)
}

// addOutcome adds what became of the change.
func addOutcome(s *session, shown *ConsoleChange, c *change.Change) {
	counts := make(map[string]int)
	for i := range c.Items {
		counts[s.mask.Outcome(c, &c.Items[i])]++
	}
	shown.Done = len(c.Items) - counts["pending"]
	if c.Status.Ended() { // nothing is to be expected of them
		delete(counts, "pending")
	}
	for _, outcome := range outcomeOrder {
		if n := counts[outcome]; n > 0 {
			shown.Counts = append(shown.Counts, ConsoleCount{outcome, n})
		}
	}
	if c.Approval != nil {
		shown.AgreedAt = c.Approval.At
	}
	for _, a := range c.Approvals {
		shown.Approvals = append(shown.Approvals, ConsoleApproval{
			By: render.Requester(&change.Change{Principal: a.By, Person: a.Person}), Method: a.Method, At: a.At,
			Reason: text.Clip(text.Clean(a.Reason), shownCell)})
	}
	if shown.ByApprover {
		for _, need := range change.Lacking(change.Needs(c), c.Approvals) {
			shown.Lacking = append(shown.Lacking,
				ConsoleNeed{need.Needed, clean(strings.Join(need.Approvers, " or ")), clean(need.Rule)})
		}
	}
	shown.Undoable = c.Irreversible == "" && c.Status.CanBecome(change.StatusUndone) && !c.Purged
}

// ConsoleProgress is how far a change has come.
type ConsoleProgress struct {
	Status      change.Status
	ByApprover  bool // it waits for a person in the console
	Done, Items int
}

// Progress tells how far a change has come that the visitor sees.
func (c *Console) Progress(ctx context.Context, v *Visitor, id string) (*ConsoleProgress, error) {
	s := c.session(v)
	found, err := findForPage(ctx, s, id)
	if err != nil {
		return nil, err
	}
	p := &ConsoleProgress{Status: found.StatusAt(time.Now()), Items: len(found.Items)}
	p.ByApprover = p.Status == change.StatusAwaiting && found.Level == policy.LevelApprover
	p.Done = p.Items - len(render.Pending(found.Items))
	return p, nil
}

// RowQuery selects rows of a change.
type RowQuery struct {
	Text    string // that the target or a value has, in any case; empty: any
	Field   string // as policies name it; empty: any
	Outcome string // empty: any
	Page    int    // from 0
}

// RowsOnPage is how many rows a page of a change has.
const RowsOnPage = 50

// ConsoleRows is a page of the rows of a change.
type ConsoleRows struct {
	Rows  []ConsoleRow
	First int // number of the first, from 1; 0 where there is none
	Total int // that the query selects
	All   int
	Pages int
}

// ConsoleRow is one part of an item of a change. Values are cut, and what hides in them is named.
type ConsoleRow struct {
	Who, ID, Field, From, To string
	Masked                   bool // the policy masks the field
	Odd                      bool // the new value or the name may be taken for another one
	Outcome, Reason          string
}

// How many columns a page shows of a name or a reason, of a value, and of a note.
const (
	shownCell  = 200
	shownValue = 500
	shownNote  = 2000
)

// consoleRows selects a page of the rows of a change.
func consoleRows(s *session, c *change.Change, q RowQuery) ConsoleRows {
	var page ConsoleRows
	from := max(q.Page, 0) * RowsOnPage
	all := q.Text == "" && q.Field == "" && q.Outcome == ""
	wanted := strings.ToLower(strings.TrimSpace(q.Text))
	for i := range c.Items {
		item := &c.Items[i]
		parts := 1
		if !c.Purged {
			parts = max(len(item.Patch.Parts()), 1)
		}
		page.All += parts
		if all && (page.Total+parts <= from || page.Total >= from+RowsOnPage) {
			page.Total += parts
			continue
		}
		for _, part := range s.view.PartRows(c, item) {
			if q.Field != "" && shownField(part.Field) != q.Field || q.Outcome != "" && part.Outcome != q.Outcome ||
				wanted != "" && !mentions(&part, wanted) {
				continue
			}
			if page.Total >= from && page.Total < from+RowsOnPage {
				page.Rows = append(page.Rows, consoleRow(s, c, &part))
			}
			page.Total++
		}
	}
	if len(page.Rows) > 0 {
		page.First = from + 1
	}
	page.Pages = (page.Total + RowsOnPage - 1) / RowsOnPage
	return page
}

// shownField is the name of a field as a page shows it.
func shownField(field string) string { return text.Clip(text.Clean(field), 80) }

// mentions reports whether a row shows a text, in any case.
func mentions(row *render.PartRow, text string) bool {
	for _, cell := range []string{row.Target, row.From, row.To, row.ID} {
		if strings.Contains(strings.ToLower(cell), text) {
			return true
		}
	}
	return false
}

// consoleRow is a row as a page shows it.
func consoleRow(s *session, c *change.Change, row *render.PartRow) ConsoleRow {
	if row.Outcome == "pending" && c.Status.Ended() {
		row.Outcome = string(change.NotSent)
	}
	most := shownValue
	if row.Field == change.FieldNotes {
		most = shownNote
	}
	return ConsoleRow{
		Who: cell(row.Target, shownCell), ID: row.ID, Field: shownField(row.Field), From: cell(row.From, shownValue),
		To: cell(row.To, most), Masked: s.policy.Masks(row.Field),
		Odd:     text.Deceptive(row.To) || text.Deceptive(row.Target),
		Outcome: row.Outcome, Reason: cell(row.Reason, shownCell),
	}
}

// cell is a value as a page shows it: what hides in it is named, and of one that is cut it says how long it is.
func cell(value string, most int) string {
	shown := render.Plainly(value)
	cut := text.Clip(shown, most)
	if cut != shown {
		cut += fmt.Sprintf(" (%d characters)", utf8.RuneCountInString(value))
	}
	return cut
}

// Export reads the rows of a change that the visitor sees, uncut: see [Pipeline.ExportChange].
func (c *Console) Export(ctx context.Context, v *Visitor, id string) (*Exported, error) {
	s := c.session(v)
	if _, err := findForPage(ctx, s, id); err != nil {
		return nil, err
	}
	return c.pipeline.ExportChange(ctx, s.call, id)
}
