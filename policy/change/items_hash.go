package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"intercom-mcp/policy"
)

// HashBody is the SHA-256 in hex of the body of an event.
func HashBody(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// hashJSON is the SHA-256 in hex of a value's JSON.
func hashJSON(value any) (string, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encoding a change: %w", err)
	}
	return HashBody(body), nil
}

// hashItems is the hash of a change's items as they were planned: targets, patches and before-images, in their order.
func hashItems(c *Change) (string, error) {
	sum := sha256.New()
	sum.Write([]byte(c.Salt))
	for i := range c.Items {
		plan := c.Items[i].asPlanned()
		body, err := json.Marshal(&plan)
		if err != nil {
			return "", fmt.Errorf("encoding item %d: %w", i, err)
		}
		sum.Write(body)
		sum.Write([]byte{'\n'})
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// asPlanned is the item without its outcome. A target that was created for it had no id when it was planned.
func (i *Item) asPlanned() Item {
	plan := Item{TargetID: i.TargetID, Label: i.Label, LabelField: i.LabelField, Patch: i.Patch, Before: i.Before}
	if i.Created != "" && i.Created == i.TargetID {
		plan.TargetID = ""
	}
	return plan
}

// hashPlan is the hash of a change as it was planned, without its items and its outcome: who asked, for what, decided
// how, worded how.
func hashPlan(c *Change) (string, error) {
	expires, person := c.ExpiresAt, policy.Person{}
	if !c.ApproveBy.IsZero() {
		expires, person = c.ApproveBy, c.Person
	}
	return hashJSON(&Change{
		ID: c.ID, Principal: c.Principal, Person: person, Tool: c.Tool, Binding: c.Binding, Fingerprint: c.Fingerprint,
		Level: c.Level, Decision: c.Decision, Revision: c.Revision,
		Verb: c.Verb, Noun: c.Noun, SideEffects: c.SideEffects, Conflicts: c.Conflicts, Irreversible: c.Irreversible,
		Notes: c.Notes, Masked: c.Masked, CreatedAt: c.CreatedAt, ExpiresAt: expires,
		ExecuteWithin: c.ExecuteWithin, StopAfter: c.StopAfter, Undoes: c.Undoes, Salt: c.Salt,
	})
}

// hashState is the hash of the status of a change, and how it came there.
func hashState(c *Change) (string, error) {
	var expires time.Time
	if c.Approval != nil && len(c.Approvals) > 0 {
		expires = c.ExpiresAt
	}
	return hashJSON(&Change{
		ExpiresAt: expires, Approvals: c.Approvals,
		Status: c.Status, Reason: c.Reason, Approval: c.Approval, AppliedAt: c.AppliedAt, EndedAt: c.EndedAt,
		JobsOnRecord: c.JobsOnRecord, Salt: c.Salt,
	})
}

// recordHashes are the hashes of what was recorded of items. Those are two, since a purged change keeps its outcomes
// and loses their reasons.
type recordHashes struct{ outcomes, reasons hash.Hash }

func newRecordHashes(c *Change) recordHashes {
	h := recordHashes{sha256.New(), sha256.New()}
	h.outcomes.Write([]byte(c.Salt))
	h.reasons.Write([]byte(c.Salt))
	return h
}

// add adds the outcome of one item.
func (h recordHashes) add(r Recorded) error {
	fmt.Fprintf(h.outcomes, "%d %q %q %q\n", r.Index, r.Outcome, r.Code, r.Created)
	facts := []byte("null")
	if len(r.Facts) > 0 { // no map and an empty one are stored alike
		var err error
		if facts, err = json.Marshal(r.Facts); err != nil {
			return fmt.Errorf("encoding the facts of item %d: %w", r.Index, err)
		}
	}
	fmt.Fprintf(h.reasons, "%d %q %s\n", r.Index, r.Reason, facts)
	if len(r.Missing) > 0 {
		fmt.Fprintf(h.reasons, "missing %q\n", r.Missing)
	}
	return nil
}

// sums are the hashes in hex.
func (h recordHashes) sums() (outcomes, reasons string) {
	return hex.EncodeToString(h.outcomes.Sum(nil)), hex.EncodeToString(h.reasons.Sum(nil))
}
