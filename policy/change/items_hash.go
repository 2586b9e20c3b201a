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
	plan := Item{Contact: i.Contact, Label: i.Label, Known: i.Known, Patch: i.Patch, Before: i.Before}
	if i.Patch.Op == Create || i.Patch.Op == SaveCompany && i.Patch.Key != "" {
		plan.Contact = ""
	}
	return plan
}
