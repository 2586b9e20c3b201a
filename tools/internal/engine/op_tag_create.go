package engine

import (
	"context"
	"strings"

	"intercom-mcp/policy/change"
)

// createTag creates a tag. Intercom keeps one tag of a name, so sending it twice does no more than once; but nothing
// tells who created it.
type createTag struct{}

func (createTag) send(ctx context.Context, a *applier, i int) change.Recorded {
	item := &a.change.Items[i]
	name, _ := item.Patch.Set["name"].(string)
	_, sent := a.client.Tags.Create(ctx, name)
	id, read := tagNamed(ctx, a, name)
	if id == "" && read == nil {
		return a.judge.notCreated(ctx, i, sent)
	}
	r := a.judge.outcome(ctx, i, tagImage(id, name), sent, read)
	r.TargetID = id
	if sent == nil {
		r.Created = id
	}
	return r
}

// tagNamed is the id of the tag with a name as it is now, or "".
func tagNamed(ctx context.Context, a *applier, name string) (string, error) {
	tags, err := a.lists.Tags.Younger(ctx, 0)
	if err != nil {
		return "", err
	}
	for _, tag := range tags {
		if strings.EqualFold(tag.Name, name) {
			return tag.ID, nil
		}
	}
	return "", nil
}

func tagImage(id, name string) change.Image {
	if id == "" {
		return change.Image{}
	}
	return change.Image{Set: map[string]any{"name": name}}
}

func (createTag) reconcile(ctx context.Context, a *applier, i int) reconciled {
	name, _ := a.change.Items[i].Patch.Set["name"].(string)
	switch id, err := tagNamed(ctx, a, name); {
	case err != nil:
		return reconciled{unsure: "the tags could not be read: " + a.words.Explain(ctx, err).Reason()}
	case id != "":
		return reconciled{recorded: change.Recorded{Outcome: change.Changed, TargetID: id}}
	}
	return undone()
}

func (createTag) drift(context.Context, *applier, *change.Item, seen) (string, error) { return "", nil }

func (createTag) undo(_ context.Context, u *undoing, item *change.Item) error {
	if item.Outcome != change.Failed {
		u.conflict(item, "a tag that was created is not deleted: Intercom does not tell who has it")
	}
	return nil
}

func (createTag) reads() reads              { return reads{} }
func (createTag) checkWith() string         { return "list_tags" }
func (createTag) requests(change.Patch) int { return 2 }
