package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
)

// ItemsHash hashes the items of a change as they were planned: targets,
// patches and before-images, in their order. What became of them does not count.
type ItemsHash struct{ hash.Hash }

func NewItemsHash() ItemsHash { return ItemsHash{sha256.New()} }

// Add adds the next item.
func (h ItemsHash) Add(item *Item) error {
	plan := item.AsPlanned()
	body, err := json.Marshal(&plan)
	if err != nil {
		return fmt.Errorf("encoding an item: %w", err)
	}
	h.Write(body)
	h.Write([]byte{'\n'})
	return nil
}

// Hex is the hash in hex.
func (h ItemsHash) Hex() string { return hex.EncodeToString(h.Sum(nil)) }

// AsPlanned is the item without what became of it: the id of what was created
// among that.
func (i *Item) AsPlanned() Item {
	plan := Item{TargetID: i.TargetID, Label: i.Label, LabelField: i.LabelField, Patch: i.Patch, Before: i.Before}
	if i.Patch.Op == Create || i.Patch.Op == SaveCompany && i.Patch.Key != "" {
		plan.TargetID = ""
	}
	return plan
}

// PlanHash is the hash of a change as it was planned, without its items and what
// became of it: who asked, for what, decided how, worded how.
func (c *Change) PlanHash() (string, error) {
	plan := Change{
		ID: c.ID, Principal: c.Principal, Tool: c.Tool, Binding: c.Binding, Fingerprint: c.Fingerprint, Level: c.Level, Decision: c.Decision, Revision: c.Revision,
		Verb: c.Verb, Noun: c.Noun, SideEffects: c.SideEffects, Conflicts: c.Conflicts, Irreversible: c.Irreversible, Notes: c.Notes, Masked: c.Masked,
		CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt, Undoes: c.Undoes,
	}
	body, err := json.Marshal(&plan)
	if err != nil {
		return "", fmt.Errorf("encoding a change: %w", err)
	}
	return HashBody(body), nil
}

// StateHash is the hash of where a change stands, and how it came there.
func (c *Change) StateHash() (string, error) {
	body, err := json.Marshal(&Change{Status: c.Status, Reason: c.Reason, Approval: c.Approval, AppliedAt: c.AppliedAt, EndedAt: c.EndedAt})
	if err != nil {
		return "", fmt.Errorf("encoding where a change stands: %w", err)
	}
	return HashBody(body), nil
}

// OutcomesHash hashes what became of items, and what was created for them.
type OutcomesHash struct{ hash.Hash }

func NewOutcomesHash() OutcomesHash { return OutcomesHash{sha256.New()} }

// Add adds the outcome of the item at index.
func (h OutcomesHash) Add(index int, outcome Outcome, code, created string) {
	fmt.Fprintf(h, "%d %q %q %q\n", index, outcome, code, created)
}

// Hex is the hash in hex.
func (h OutcomesHash) Hex() string { return hex.EncodeToString(h.Sum(nil)) }

// ReasonsHash hashes why items came to what they did. It is another one since a
// forgotten change keeps its outcomes only.
type ReasonsHash struct{ hash.Hash }

func NewReasonsHash() ReasonsHash { return ReasonsHash{sha256.New()} }

// Add adds the failure of the item at index.
func (h ReasonsHash) Add(index int, f Failure) error {
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

// Hex is the hash in hex.
func (h ReasonsHash) Hex() string { return hex.EncodeToString(h.Sum(nil)) }
