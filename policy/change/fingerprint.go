package change

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

// FingerprintOf is the fingerprint of what pending items would write, whichever call and references led there: SHA-256
// of their targets and patches, in the order of the targets. It is "" where no item is pending.
func FingerprintOf(items []Item) (string, error) {
	type target struct {
		Contact, Label string
		Patch          Patch
	}
	var targets []target
	for i := range items {
		if items[i].Outcome != Pending {
			continue
		}
		t := target{Contact: items[i].TargetID, Patch: items[i].Patch}
		if t.Contact == "" {
			t.Label = items[i].Label // of what is yet to be created
		}
		targets = append(targets, t)
	}
	if len(targets) == 0 {
		return "", nil
	}
	slices.SortFunc(targets, func(a, b target) int {
		return cmp.Or(cmp.Compare(a.Contact, b.Contact), cmp.Compare(a.Label, b.Label))
	})
	encoded, err := json.Marshal(targets) // maps in the order of their keys
	if err != nil {
		return "", fmt.Errorf("encoding what a change would write: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
