package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

// UnknownNames are the names in a policy that the workspace does not have: a sentence without a full stop on each.
type UnknownNames struct {
	// Attributes: a mask of one hides nothing, and a rule about it never applies.
	Attributes []string
	// Tags: a rule about one does not apply until there is one.
	Tags []string
}

// CompareNames compares the custom attributes and the tags that a policy names with those of the workspace. Where it
// names none it asks Intercom for nothing. An error is Intercom's, where some could not be read; the others are
// compared all the same.
func CompareNames(ctx context.Context, client *intercom.Client, p *policy.Policy) (UnknownNames, error) {
	attributes, attributesErr := unknownAttributes(ctx, client, p)
	tags, tagsErr := unknownTags(ctx, client, p)
	return UnknownNames{attributes, tags}, errors.Join(attributesErr, tagsErr)
}

// unknownAttributes compares the custom attributes with those of the workspace, archived ones among them.
func unknownAttributes(ctx context.Context, client *intercom.Client, p *policy.Policy) ([]string, error) {
	known := make(map[intercom.Model][]string)
	var unknown []string
	for _, named := range p.Attributes() {
		model, field := intercom.ModelContact, directory.CustomPrefix+named.Name
		if named.OfCompany {
			model, field = intercom.ModelCompany, "company."+field
		}
		if _, asked := known[model]; !asked {
			all, err := client.DataAttributes.List(ctx, model, true)
			if err != nil {
				return nil, fmt.Errorf("reading the attributes that there are: %w", err)
			}
			names := []string{}
			for i := range all {
				if all[i].Custom {
					names = append(names, all[i].Name)
				}
			}
			known[model] = names
		}
		if !slices.Contains(known[model], named.Name) {
			unknown = append(unknown, fmt.Sprintf("%s names %s, which is no attribute of the workspace%s", named.Where, field,
				directory.DidYouMean(named.Name, known[model])))
		}
	}
	return unknown, nil
}

// unknownTags compares the tags: names to the letter, as they are and as they are shown.
func unknownTags(ctx context.Context, client *intercom.Client, p *policy.Policy) ([]string, error) {
	named := p.Tags()
	if len(named) == 0 {
		return nil, nil
	}
	all, err := client.Tags.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the tags that there are: %w", err)
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	var unknown []string
	for _, tag := range named {
		if !slices.ContainsFunc(names, func(name string) bool { return text.SameShown(tag.Name, name) }) {
			unknown = append(unknown, fmt.Sprintf("%s names the tag %q, which the workspace does not have%s", tag.Where,
				tag.Name,
				directory.DidYouMean(tag.Name, names)))
		}
	}
	return unknown, nil
}
