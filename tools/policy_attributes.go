package tools

import (
	"context"
	"fmt"
	"slices"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/text"
)

// UnknownAttributes compares the custom attributes that a policy names with those of the workspace, archived ones
// among them, and returns a sentence without a full stop on each that is not there: a mask of it hides nothing, and a
// rule about it never applies. Of a policy that names none it asks Intercom for nothing. An error is Intercom's, where
// the attributes could not be read.
func UnknownAttributes(ctx context.Context, client *intercom.Client, p *policy.Policy) ([]string, error) {
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

// UnknownTags compares the tags that a policy names with those of the workspace, and returns a sentence without a full
// stop on each that is not there: names are compared to the letter, as they are and as they are shown, and a rule about
// it does not apply until there is one. Of a policy that names none it asks Intercom for nothing.
func UnknownTags(ctx context.Context, client *intercom.Client, p *policy.Policy) ([]string, error) {
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
