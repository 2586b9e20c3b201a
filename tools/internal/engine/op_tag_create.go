package engine

import (
	"context"
	"strings"

	"intercom-mcp/intercom"
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
		return a.notCreated(ctx, i, sent)
	}
	r := a.outcomeOf(ctx, i, tagImage(id, name), sent, read)
	r.TargetID = id
	if sent == nil {
		r.Created = id
	}
	return r
}

// tagNamed is the id of the tag with a name as it is now, or "".
func tagNamed(ctx context.Context, a *applier, name string) (string, error) {
	tags, err := a.lists.Tags.Younger(ctx, 0)
	for _, tag := range tags {
		if strings.EqualFold(tag.Name, name) {
			return tag.ID, err
		}
	}
	return "", err
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
		return reconciled{unsure: "the tags could not be read: " + a.words.Explain(ctx, err).Error()}
	case id != "":
		return reconciled{recorded: change.Recorded{Outcome: change.Changed, TargetID: id}}
	}
	return undone()
}

func (createTag) drift(context.Context, *applier, *change.Item, seen) (string, error) { return "", nil }

// undo deletes a tag that nobody has, and that this change is known to have created.
func (createTag) undo(ctx context.Context, u *undoing, item *change.Item) error {
	if _, err := u.client.Tags.Get(ctx, item.TargetID); gone(err) {
		u.conflict(item, isGone)
		return nil
	} else if err != nil {
		return err
	}
	tagged, err := u.client.Contacts.Search(ctx, intercom.SearchRequest{
		Query: intercom.Filter{Field: "tag_id", Operator: "=", Value: item.TargetID}, PerPage: 1})
	switch {
	case err != nil:
		return err
	case item.Created == "":
		u.conflict(item, "another client may have created it; delete_tag deletes it all the same")
	case tagged.Total > 0:
		u.conflict(item, "contacts have it now; delete_tag deletes it all the same")
	default:
		u.plan.Noun = "tag"
		u.plan.SideEffects = append(u.plan.SideEffects,
			"Intercom's search, which lags, shows no contact with the tag; whoever has it, companies and conversations too, loses it.")
		u.restore(item, change.DeleteTag)
	}
	return nil
}

func (createTag) reads() reads              { return reads{} }
func (createTag) checkWith() string         { return "list_tags" }
func (createTag) requests(change.Patch) int { return 2 }
