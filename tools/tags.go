package tools

import (
	"context"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// tagSet is the set of tools about tags.
var tagSet = Set{Name: "tags", Default: true, Doc: "Tags, and which contacts have them"}

// tagTools are the tools for tags.
func tagTools() []Tool {
	return []Tool{
		{
			Name: "list_tags", Title: "List tags", Set: tagSet, Effect: policy.Read, Run: reads(listTags),
			Doc: "List the tags.",
		},
		{
			Name: "create_tag", Title: "Create a tag", Set: tagSet, Effect: policy.Write, Idempotent: true,
			Run: plans(createTag),
			Doc: "Create a tag.",
		},
		{
			Name: "tag_contacts", Title: "Tag contacts", Set: tagSet, Effect: policy.Write, Idempotent: true,
			Run: plans(tagContacts),
			Doc: "Put a tag on contacts.",
		},
		{
			Name: "untag_contacts", Title: "Untag contacts", Set: tagSet, Effect: policy.Write, Idempotent: true,
			Run: plans(untagContacts),
			Doc: "Take a tag off contacts.",
		},
		{
			Name: "delete_tag", Title: "Delete a tag", Set: tagSet, Effect: policy.Destroy, Idempotent: true,
			Run: plans(deleteTag),
			Doc: "Delete a tag from the workspace, and so from all who have it. One that a segment uses stays.",
		},
	}
}

// listTags lists the workspace's tags.
func listTags(ctx context.Context, s *session, in ListInput) (*render.Table, error) {
	all, err := s.lists.Tags.Younger(ctx, directory.CacheFresh)
	if err != nil {
		return nil, err
	}
	return render.ListWhole(ctx, s.listBinding(nil), in.Cursor, in.Limit, all, []string{"id", "name"},
		func(t *intercom.Tag) []string {
			return []string{t.ID, s.shown(t.Name, render.MaxCell)}
		})
}

// CreateTagInput is a tag to create.
type CreateTagInput struct {
	// name
	Name string `json:"name" jsonschema:"minLength=1,maxLength=255"`
}

// createTag plans to create a tag. Intercom keeps one tag of a name, whatever its case.
func createTag(ctx context.Context, s *session, in CreateTagInput) (*draft, error) {
	name := strings.TrimSpace(in.Name)
	if name == "" || text.Clean(name) != name {
		return nil, toolerr.New(toolerr.InvalidArgument, "name: must be one line of visible text, not "+
			text.Reveal(name, 60)+".", "Correct it.")
	}
	all, err := s.lists.Tags.Younger(ctx, directory.CacheFresh)
	if err != nil {
		return nil, err
	}
	item := change.Item{Label: tagLabel(name), Patch: change.Patch{Op: change.CreateTag,
		Set: map[string]any{"name": name}}}
	i := slices.IndexFunc(all, func(t intercom.Tag) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		i = slices.IndexFunc(all, func(t intercom.Tag) bool { return text.SameShown(name, t.Name) })
	}
	if i >= 0 {
		item.TargetID, item.Outcome = all[i].ID, change.Unchanged
	}
	if i := slices.IndexFunc(all, func(t intercom.Tag) bool { return text.Alike(t.Name, name) }); i >= 0 &&
		item.Outcome != change.Unchanged {
		s.warn("a tag that looks like it is there already: " + tagLabel(all[i].Name) + ", id " + all[i].ID)
	}
	return &draft{verb: "create", noun: "tag", items: []change.Item{item}}, nil
}

// tagLabel is how a person knows a tag.
func tagLabel(name string) string { return text.Quote(text.Clip(text.Marked(name), 60)) }

// TagContactsInput names contacts and one tag.
type TagContactsInput struct {
	// contact references
	Contacts []string `json:"contacts" jsonschema:"minItems=1,maxItems=200"`
	// existing tag, by name or id
	Tag string `json:"tag"`
	// leave out who is unknown
	SkipMissing bool `json:"skip_missing,omitempty"`
	// wait for confirm_change
	Preview bool `json:"preview,omitempty"`
}

// tagContacts plans to put one tag on contacts.
func tagContacts(ctx context.Context, s *session, in TagContactsInput) (*draft, error) {
	return planTag(ctx, s, in, "tag", func(p *change.Patch, tag change.Ref) { p.AddTags = []change.Ref{tag} })
}

// untagContacts plans to take one tag off contacts.
func untagContacts(ctx context.Context, s *session, in TagContactsInput) (*draft, error) {
	return planTag(ctx, s, in, "untag", func(p *change.Patch, tag change.Ref) { p.RemoveTags = []change.Ref{tag} })
}

func planTag(ctx context.Context, s *session, in TagContactsInput, verb string,
	write func(*change.Patch, change.Ref)) (*draft, error) {
	var bad toolerr.Several
	var patch change.Patch
	tag, err := s.dir.Tag(ctx, in.Tag)
	if err == nil {
		write(&patch, change.Ref{ID: tag.ID, Name: tag.Name})
	} else if err = bad.Add("tag", err); err != nil {
		return nil, err
	}
	return planSame(ctx, s, &draft{verb: verb, preview: in.Preview}, in.Contacts, missing{skip: in.SkipMissing}, patch,
		&bad)
}

// DeleteTagInput names a tag.
type DeleteTagInput struct {
	// existing tag, by name or id
	Tag string `json:"tag"`
}

// deleteTag plans to delete a tag from the workspace.
func deleteTag(ctx context.Context, s *session, in DeleteTagInput) (*draft, error) {
	tag, err := s.dir.Tag(ctx, in.Tag)
	if err != nil {
		return nil, toolerr.At(err, "tag")
	}
	tagged, err := s.client.Contacts.Search(ctx, intercom.SearchRequest{
		Query: intercom.Filter{Field: "tag_id", Operator: "=", Value: tag.ID}, PerPage: 1})
	if err != nil {
		return nil, err
	}
	return &draft{
		verb: "delete", noun: "tag", irreversible: "who had the tag is not recorded by Intercom.",
		sideEffects: []string{"It comes off " + text.Plural(max(tagged.Total, 0),
			"contact") + ", and off companies and conversations."},
		items: []change.Item{{TargetID: tag.ID, Label: tagLabel(tag.Name), Patch: change.Patch{Op: change.DeleteTag}}},
	}, nil
}
