package directory

import (
	"context"
	"maps"
	"slices"

	"intercom-mcp/intercom"
)

const (
	// mostSeen is how many different values of an attribute are worth showing.
	mostSeen = 12
	// fewestEach is how many contacts have each of them at least, on average: what differs from contact to contact, such
	// as an address, is no choice.
	fewestEach = 3
	// longestSeen is how long each of them may be, in bytes.
	longestSeen = 40
)

// seenValues samples which values the contacts' text attributes have, of those that have few: by attribute, sorted. It
// reads the newest 150 contacts and the oldest, in two requests.
func seenValues(ctx context.Context, client *intercom.Client) (map[string][]string, error) {
	counts, of := make(map[string]map[string]int), make(map[string]int)
	seen := make(map[string]bool)
	everyone := intercom.Filter{Field: "created_at", Operator: ">", Value: 0}
	for _, newest := range []bool{true, false} {
		page, err := client.Contacts.Search(ctx, intercom.SearchRequest{Query: everyone,
			Sort: intercom.Sort{Field: "created_at", Descending: newest}, PerPage: PageOfContacts})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			if seen[c.ID] {
				continue
			}
			seen[c.ID] = true
			for name, value := range c.CustomAttributes {
				text, ok := value.(string)
				if !ok || text == "" {
					continue
				}
				if counts[name] == nil {
					counts[name] = make(map[string]int)
				}
				counts[name][text]++
				of[name]++
			}
		}
		if page.Next == "" {
			break // these were all
		}
	}
	values := make(map[string][]string)
	for name, each := range counts {
		list := slices.Sorted(maps.Keys(each))
		long := slices.ContainsFunc(list, func(value string) bool { return len(value) > longestSeen })
		if len(list) <= mostSeen && of[name] >= fewestEach*len(list) && !long {
			values[name] = list
		}
	}
	return values, nil
}
