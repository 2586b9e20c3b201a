package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/schemas"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Attribute finds a custom attribute of contacts by its exact name.
func (r *Resolver) Attribute(ctx context.Context, name string) (*intercom.DataAttribute, error) {
	return r.AttributeIn(ctx, r.Lists.ContactAttributes, name)
}

func (r *Resolver) AttributeIn(ctx context.Context, list *Cached[[]intercom.DataAttribute],
	name string) (*intercom.DataAttribute, error) {
	name = strings.TrimPrefix(name, CustomPrefix)
	found, all, err := find(ctx, list, func(a intercom.DataAttribute) bool {
		return a.Custom && !a.Archived &&
			a.Name == name
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		found = slices.DeleteFunc(slices.Clone(all), func(a intercom.DataAttribute) bool {
			return !a.Custom || a.Archived ||
				text.Shown(a.Name) != text.Shown(name)
		})
	}
	if len(found) == 1 {
		return &found[0], nil
	}
	var names []string
	for _, a := range all {
		if a.Custom && !a.Archived {
			names = append(names, a.Name)
		}
	}
	return nil, toolerr.New(toolerr.UnknownAttribute, fmt.Sprintf("There is no custom attribute %q%s.",
		text.Clip(text.Clean(name), 60), DidYouMean(name, names)),
		"list_attributes shows them; new ones are made in Intercom's settings.").With("nearest",
		schemas.Nearest(name, names, 5))
}

// shownAs lists those whose names answers show like one.
func shownAs[T any](all []T, name string, nameOf func(T) string) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool {
		return !strings.EqualFold(text.Shown(nameOf(one)), text.Shown(name))
	})
}

// DidYouMean offers the nearest names, or nothing.
func DidYouMean(word string, among []string) string {
	near := schemas.Nearest(word, among, 5)
	if len(near) == 0 {
		return ""
	}
	quoted := make([]string, len(near))
	for i, name := range near {
		quoted[i] = text.Quote(text.Clip(text.Clean(name), 60))
	}
	return "; nearest: " + strings.Join(slices.Compact(quoted), ", ")
}

// CustomPrefix begins the name of a custom attribute's field.
const CustomPrefix = "custom_attributes."
