package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
)

// itemsHash hashes the items of a change as they were planned: targets,
// patches and before-images, in their order. What became of them does not count.
type itemsHash struct{ hash.Hash }

func newItemsHash() itemsHash { return itemsHash{sha256.New()} }

// add adds the next item.
func (h itemsHash) add(item *Item) error {
	plan := item.asPlanned()
	body, err := json.Marshal(&plan)
	if err != nil {
		return fmt.Errorf("encoding an item: %w", err)
	}
	h.Write(body)
	h.Write([]byte{'\n'})
	return nil
}

// sum is the hash in hex.
func (h itemsHash) sum() string { return hex.EncodeToString(h.Sum(nil)) }

// asPlanned is the item without what became of it: the id of what was created
// among that.
func (i *Item) asPlanned() Item {
	plan := Item{TargetID: i.TargetID, Label: i.Label, LabelField: i.LabelField, Patch: i.Patch, Before: i.Before}
	if i.Patch.Op == Create || i.Patch.Op == SaveCompany && i.Patch.Key != "" {
		plan.TargetID = ""
	}
	return plan
}

// planHash is the hash of a change as it was planned, without its items and what
// became of it: who asked, for what, decided how, worded how.
func (c *Change) planHash() (string, error) {
	plan := Change{
		ID: c.ID, Principal: c.Principal, Tool: c.Tool, Binding: c.Binding, Fingerprint: c.Fingerprint, Level: c.Level, Decision: c.Decision, Revision: c.Revision,
		Verb: c.Verb, Noun: c.Noun, SideEffects: c.SideEffects, Conflicts: c.Conflicts, Irreversible: c.Irreversible, Notes: c.Notes, Masked: c.Masked,
		CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt, Undoes: c.Undoes,
	}
	body, err := json.Marshal(&plan)
	if err != nil {
		return "", fmt.Errorf("encoding a change: %w", err)
	}
	return hashOf(body), nil
}

// stateHash is the hash of where a change stands, and how it came there.
func (c *Change) stateHash() (string, error) {
	body, err := json.Marshal(&Change{Status: c.Status, Reason: c.Reason, Approval: c.Approval, AppliedAt: c.AppliedAt, EndedAt: c.EndedAt})
	if err != nil {
		return "", fmt.Errorf("encoding where a change stands: %w", err)
	}
	return hashOf(body), nil
}

// outcomesHash hashes what became of items, and what was created for them.
type outcomesHash struct{ hash.Hash }

func newOutcomesHash() outcomesHash { return outcomesHash{sha256.New()} }

// add adds the outcome of the item at index.
func (h outcomesHash) add(index int, outcome Outcome, code, created string) {
	fmt.Fprintf(h, "%d %q %q %q\n", index, outcome, code, created)
}

// sum is the hash in hex.
func (h outcomesHash) sum() string { return hex.EncodeToString(h.Sum(nil)) }

// reasonsHash hashes why items came to what they did. It is another one since a
// forgotten change keeps its outcomes only.
type reasonsHash struct{ hash.Hash }

func newReasonsHash() reasonsHash { return reasonsHash{sha256.New()} }

// add adds the failure of the item at index.
func (h reasonsHash) add(index int, f Failure) error {
	facts := []byte("null")
	if len(f.Facts) > 0 { // none at all and none in a map are kept alike
		var err error
		if facts, err = json.Marshal(f.Facts); err != nil {
			return fmt.Errorf("encoding the facts of item %d: %w", index, err)
		}
	}
	fmt.Fprintf(h, "%d %q %s\n", index, f.Reason, facts)
	return nil
}

// sum is the hash in hex.
func (h reasonsHash) sum() string { return hex.EncodeToString(h.Sum(nil)) }
