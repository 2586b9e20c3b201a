package render

import (
	"cmp"
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
	Say         string   `json:"say,omitempty"`
	Level       string   `json:"level,omitempty"`
	Approval
	ExpiresAt string `json:"expires_at,omitempty"`
	Note      string `json:"note,omitempty"`
}

// Approval is where people approve a change that waits for them: by which code they find it, and in how many seconds to
// ask again.
type Approval struct {
	Code     string `json:"code,omitempty"`
	Link     string `json:"link,omitempty"`
	AskAgain int    `json:"ask_again_seconds,omitempty"`
}

// AddNote adds a remark to the answer.
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

// oddNamed is how many items a receipt names that did not come out like the rest.
const oddNamed = 10

// Receipt sums a change up.
func (v *View) Receipt(c change.Change) *ChangeResult {
	r := &ChangeResult{Change: c.ID, Status: string(c.Status), Counts: v.counts(&c), Problems: v.problems(c.Items)}
	if len(c.Items) == 1 {
		r.Created = c.Items[0].Created
	} else if n := created(c.Items); n > 0 {
		r.AddNote(fmt.Sprintf("%d of them were created", n))
	}
	if c.Status.Ended() && !c.Purged {
		r.Items, r.Undo = slices.Concat(v.few(&c), v.unchangedOnes(&c), v.leftAloneOnes(&c)), undoable(&c)
		r.AddNote(v.Mask.priceOfSecrecy(&c))
		if slices.ContainsFunc(c.Items, func(i change.Item) bool { return v.asPlanned(&c, &i) }) {
			r.AddNote("unchanged: so when planned, not read again")
		}
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
		if items[i].Patch.Traits().CreatesContact() && items[i].Created != "" {
			n++
		}
	}
	return n
}

// odd is an item of several that did not come out like the rest: how it did, and why.
type odd struct{ what, why string }

// problems says what went wrong, and with whom: why, where it was one item, and else each reason with those that it is
// of, up to ten in all. What shows of a few items in part is told by few. A receipt has little room; get_change lists
// all.
func (v *View) problems(items []change.Item) []string {
	var wrong []*change.Item
	for i := range items {
		told := len(items) > 1 && len(items) <= receiptItems
		switch item := &items[i]; {
		case item.Outcome == change.Failed, item.Outcome == change.Unknown, item.Outcome == change.Partly && !told:
			wrong = append(wrong, item)
		}
	}
	switch {
	case len(wrong) == 0:
		return nil
	case len(wrong) == 1:
		reason := briefly(v.Mask.Redact(wrong[0].Reason))
		if wrong[0].Outcome == change.Partly && len(items) > receiptItems {
			reason = partly(wrong[0])
		}
		if len(items) == 1 {
			return []string{inWords(reason, shownOwnReason)}
		}
		return []string{v.Mask.addressed(wrong[0]) + ": " + inWords(reason, shownOnlyReason)}
	}
	return v.listOdd(wrong, func(item *change.Item) odd {
		if item.Outcome == change.Partly {
			return odd{"partly", partly(item)}
		}
		return odd{string(item.Outcome), briefly(v.Mask.Redact(item.Reason))}
	})
}

// listOdd lists items by how they came out, and why, each way once, with up to ten of them by name.
func (v *View) listOdd(items []*change.Item, of func(*change.Item) odd) []string {
	names := make(map[odd][]string)
	var order []odd
	for _, item := range items {
		way := of(item)
		if names[way] == nil {
			order = append(order, way)
		}
		names[way] = append(names[way], v.Mask.addressed(item))
	}
	var lines []string
	left, room := oddNamed, shownReason
	if len(order) == 1 {
		room = shownOnlyReason
	}
	for _, way := range order {
		named := names[way][:min(left, len(names[way]))]
		if len(named) == 0 {
			break
		}
		left -= len(named)
		line := way.what
		if way.why != "" {
			line += " (" + text.Clip(way.why, room) + ")"
		}
		lines = append(lines, line+": "+strings.Join(named, ", "))
	}
	if more := len(items) - oddNamed; more > 0 {
		lines = append(lines, strconv.Itoa(more)+" more; see get_change")
	}
	return lines
}

// unchangedOnes names up to ten of several items that were so already, where the others were not.
func (v *View) unchangedOnes(c *change.Change) []string {
	var alike []*change.Item
	for i := range c.Items {
		if v.Mask.Outcome(c, &c.Items[i]) == string(change.Unchanged) {
			alike = append(alike, &c.Items[i])
		}
	}
	if len(alike) == 0 || len(alike) > oddNamed || len(alike) == len(c.Items) {
		return nil
	}
	return v.listOdd(alike, func(*change.Item) odd { return odd{what: "unchanged"} })
}

// leftAloneOnes names up to ten of many items that an undo put back in part.
func (v *View) leftAloneOnes(c *change.Change) []string {
	var some []*change.Item
	for i := range c.Items {
		if len(c.Items[i].LeftAlone) > 0 && v.Mask.Outcome(c, &c.Items[i]) == string(change.Partly) {
			some = append(some, &c.Items[i])
		}
	}
	if len(some) == 0 || len(c.Items) <= receiptItems {
		return nil
	}
	return v.listOdd(some, func(item *change.Item) odd {
		return odd{"put back but for", listShort(leftAlone(item))}
	})
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

// elicited is the method of a yes that the client's form brought.
const elicited = "elicitation"

// AgreedBy says who agreed to a change; "" where nobody had to.
func AgreedBy(c *change.Change) string {
	switch {
	case c.Approval == nil:
		return ""
	case len(c.Approvals) > 0:
		return "approved by " + approvers(c)
	case c.Approval.Level < policy.LevelUser:
		return "confirmed by the agent, not by the user"
	case c.Approval.Method != "" && c.Approval.Method != elicited:
		return "the user agreed by " + text.Clean(c.Approval.Method)
	}
	return "the user was asked and agreed"
}

// approvers names the people who approved a change, with the word that they gave.
func approvers(c *change.Change) string {
	var named []string
	for _, a := range c.Approvals {
		who := cmp.Or(person(a.Person), text.Clip(text.Clean(a.By), 2*ShownValue))
		if a.Method == change.SignedInLocally {
			who = "somebody at the console's machine"
		}
		if a.Reason != "" {
			who += " (" + text.Quote(text.Clip(text.Clean(a.Reason), shownWord)) + ")"
		}
		named = append(named, who)
	}
	return strings.Join(named, " and ")
}

// shownWord is how many columns of an approver's word are shown.
const shownWord = 200

// ChangeDetail is a change with its contacts.
type ChangeDetail struct {
	Change   string `json:"change"`
	What     string `json:"what,omitempty"`
	Tool     string `json:"tool,omitempty"`
	By       string `json:"by,omitempty"`
	Status   string `json:"status"`
	Level    string `json:"level,omitempty"`
	Approved string `json:"approved,omitempty"`
	Approval
	CreatedAt string `json:"created_at,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
	Counts
	Preview string `json:"preview,omitempty"`
	Table
}

// person is how people know who asked for a change, marked where it tells an e-mail that nobody vouches for; "" where
// only the principal is known.
func person(p policy.Person) string {
	name, email := text.Clip(text.Clean(p.Name), ShownValue), text.Clip(text.Clean(p.Email), 2*ShownValue)
	if name != "" && email != "" {
		email = " <" + email + ">"
	}
	known := name + email
	if strings.Contains(known, "@") && (email == "" || p.Unverified) {
		known += " (not verified)"
	}
	return known
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
		if by := c.Approval.Method; c.Approval.Level == policy.LevelUser && by != "" && by != elicited {
			d.Approved += " by " + text.Clean(by)
		}
		d.Approved += " " + ISO(c.Approval.At)
	}
	if len(c.Approvals) > 0 {
		d.AddNote("approved by " + approvers(&c))
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
	if c.Status.Ended() { // nothing is to be expected of a change that was declined
		delete(n, "pending")
	}
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
