package engine

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestMaskedParts judges a masked part by what Intercom answered, never by what it holds, until a person has said yes.
func TestMaskedParts(t *testing.T) {
	item := change.Item{Patch: change.Patch{Set: map[string]any{"phone": "+1", "name": "B"}},
		Before: change.Image{Set: map[string]any{"phone": "+1", "name": "A"}}}
	agent, user := &change.Approval{Level: policy.LevelAgent}, &change.Approval{Level: policy.LevelUser}
	held := change.Image{Set: map[string]any{"phone": "+1", "name": "B"}}
	refused, lost := upstream(http.StatusBadRequest, "bad"), lostAnswer(t)
	for _, test := range []struct {
		what     string
		approval *change.Approval
		op       change.Operation
		sent     error
		hides    bool
		left     int
		want     change.Outcome
	}{
		{"allowed unasked", nil, "", nil, true, 1, change.Changed},
		{"confirmed by the agent", agent, "", nil, true, 1, change.Changed},
		{"confirmed by the user", user, "", nil, false, 0, change.Changed},
		{"of a company", nil, change.SaveCompany, nil, false, 0, change.Changed},
		{"of a new contact", nil, change.Create, nil, false, 0, change.Changed},
		{"refused", nil, "", refused, true, 1, change.Partly},
		{"a tag refused", nil, "", &linkError{"tag VIP", refused}, true, 1, change.Changed},
		{"answer lost", nil, "", lost, true, 1, change.Unknown},
		{"confirmed, answer lost", user, "", lost, false, 0, change.Changed},
	} {
		item := item
		item.Patch.Op = test.op
		j := newJudge(&change.Change{Approval: test.approval,
			Items: []change.Item{item}}, plain{masked: []string{"phone"}})
		if j.masking.hidesSome(&item) != test.hides ||
			j.masking.doubtful(&item, test.sent) != (test.want == change.Unknown) {
			t.Errorf("%s: hides %t, doubtful %t", test.what, j.masking.hidesSome(&item),
				j.masking.doubtful(&item, test.sent))
		}
		if left := j.masking.unapplied(&item, held); len(left.Set) != test.left || test.left == 1 &&
			left.Set["phone"] != "+1" {
			t.Errorf("%s: left: %v", test.what, left.Set)
		}
		if r := j.outcome(t.Context(), 0, held, test.sent, nil); r.Outcome != test.want {
			t.Errorf("%s: %+v", test.what, r)
		}
		if hiding, rest := j.masking.apart([]int{0}); (len(hiding) == 1) != test.hides || len(hiding)+len(rest) != 1 {
			t.Errorf("%s: apart %v, the rest %v", test.what, hiding, rest)
		}
	}
	if err := fieldsError(errors.Join(&linkError{"tag", lost}, &linkError{"tag", refused})); err != nil {
		t.Error(err)
	}
	open := &change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}, AddTags: refs("1")}}
	j := newJudge(&change.Change{}, plain{masked: []string{"phone"}})
	if j.masking.hidesSome(open) || j.masking.doubtful(open, lost) {
		t.Error("what is not masked is hidden")
	}
	if left := j.masking.unapplied(&item, change.Image{}); !slices.Contains([]int{2}, len(left.Set)) {
		t.Errorf("left: %v", left)
	}
}

// TestWithout takes from an item what nothing may be told of, and leaves the item itself as it is.
func TestWithout(t *testing.T) {
	item := &change.Item{TargetID: "5f", Patch: change.Patch{Set: map[string]any{"phone": "+1", "name": "B"},
		AddTags: refs("1")}}
	j := newJudge(&change.Change{}, plain{masked: []string{"phone"}})
	bare := j.masking.without(item)
	if len(bare.Patch.Set) != 1 || bare.Patch.Set["name"] != "B" || len(bare.Patch.AddTags) != 1 ||
		bare.TargetID != "5f" || len(item.Patch.Set) != 2 {
		t.Errorf("%+v of %+v", bare, item)
	}
	j.change.Approval = &change.Approval{Level: policy.LevelUser}
	if bare := j.masking.without(item); len(bare.Patch.Set) != 2 {
		t.Error("a person has said yes")
	}
}

// TestMaskedState counts a hidden part as changed where sending it was no error, else as missing and as it was.
func TestMaskedState(t *testing.T) {
	item := &change.Item{Patch: change.Patch{Set: map[string]any{"phone": "+1"}},
		Before: change.Image{Set: map[string]any{"phone": "+7"}}}
	j := newJudge(&change.Change{}, plain{masked: []string{"phone"}})
	for _, value := range []string{"+1", "+7", "+9"} {
		now := change.Image{Set: map[string]any{"phone": value}}
		if got := j.masking.states(item, now, nil); got[0].state != shows || !got[0].moved {
			t.Errorf("%s: %+v", value, got)
		}
		if got := j.masking.states(item, now, upstream(http.StatusBadRequest, "bad")); got[0].state != missing ||
			got[0].moved {
			t.Errorf("%s, refused: %+v", value, got)
		}
	}
}

// TestMaskedConflict tells nothing of a masked field that another client has written to, nor of one beside a field that
// another client has written to.
func TestMaskedConflict(t *testing.T) {
	item := change.Item{Patch: change.Patch{Set: map[string]any{"phone": "+1", "name": "B"}},
		Before: change.Image{Set: map[string]any{"phone": "+7", "name": "A"}}}
	for _, phone := range []string{"+1", "+7", "+9"} {
		j := newJudge(&change.Change{Items: []change.Item{item}}, plain{masked: []string{"phone"}})
		image := func(name string) change.Image {
			return change.Image{Set: map[string]any{"phone": phone, "name": name}}
		}
		if r, left := j.reconcile(t.Context(), 0, image("A"), true); r.Outcome != change.Pending || len(left.Set) != 2 {
			t.Errorf("%s: %+v, left %v", phone, r, left.Set)
		}
		for maySent, want := range map[attempt]change.Outcome{maybeSent: change.Unknown, neverSent: change.Failed} {
			if r, _ := j.reconcile(t.Context(), 0, image("C"), maySent); r.Outcome != want || r.Missing != nil ||
				!strings.HasPrefix(r.Reason, "name is neither") {
				t.Errorf("%s, beside another client's, may be sent %t: %+v", phone, maySent, r)
			}
		}
	}
}
