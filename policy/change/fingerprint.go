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
	targetOf := func(i int) target {
		t := target{Contact: items[i].TargetID, Patch: items[i].Patch}
		if t.Contact == "" {
			t.Label = items[i].Label // of what is yet to be created
		}
		return t
	}
	var pending []int
	for i := range items {
		if items[i].Outcome == Pending {
			pending = append(pending, i)
		}
	}
	if pending == nil {
		return "", nil
	}
	slices.SortFunc(pending, func(i, j int) int {
		a, b := targetOf(i), targetOf(j)
		return cmp.Or(cmp.Compare(a.Contact, b.Contact), cmp.Compare(a.Label, b.Label))
	})
	sum := sha256.New() // of the JSON of the list
	before := "["
	for _, i := range pending {
		encoded, err := json.Marshal(targetOf(i)) // maps in the order of their keys
		if err != nil {
			return "", fmt.Errorf("encoding what a change would write: %w", err)
		}
		sum.Write([]byte(before))
		sum.Write(encoded)
		before = ","
	}
	sum.Write([]byte("]"))
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)), nil
}
