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
	// fewestEach is how many have each of them at least, on average: what differs from one to the next, such as an
	// address, is no choice.
	fewestEach = 3
	// longestSeen is how long each of them may be, in bytes.
	longestSeen = 40
)

// companiesSampled is how many companies one request reads.
const companiesSampled = 60

// sample counts the texts of attributes, by attribute.
type sample struct {
	each map[string]map[string]int // how many have each text
	of   map[string]int            // how many have any
}

func newSample() *sample { return &sample{make(map[string]map[string]int), make(map[string]int)} }

// add counts the texts of one contact or company.
func (s *sample) add(attributes map[string]any) {
	for name, value := range attributes {
		text, ok := value.(string)
		if !ok || text == "" {
			continue
		}
		if s.each[name] == nil {
			s.each[name] = make(map[string]int)
		}
		s.each[name][text]++
		s.of[name]++
	}
}

// few are the texts of the attributes that have few, sorted.
func (s *sample) few() map[string][]string {
	values := make(map[string][]string)
	for name, each := range s.each {
		list := slices.Sorted(maps.Keys(each))
		long := slices.ContainsFunc(list, func(value string) bool { return len(value) > longestSeen })
		if len(list) <= mostSeen && s.of[name] >= fewestEach*len(list) && !long {
			values[name] = list
		}
	}
	return values
}

// seenValues samples which values the contacts' text attributes have, of those that have few: by attribute, sorted. It
// reads the newest 150 contacts and the oldest, in two requests.
func seenValues(ctx context.Context, client *intercom.Client) (map[string][]string, error) {
	sampled, seen := newSample(), make(map[string]bool)
	everyone := intercom.Filter{Field: "created_at", Operator: ">", Value: 0}
	for _, newest := range []bool{true, false} {
		page, err := client.Contacts.Search(ctx, intercom.SearchRequest{Query: everyone,
			Sort: intercom.Sort{Field: "created_at", Descending: newest}, PerPage: PageOfContacts})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			if !seen[c.ID] {
				sampled.add(c.CustomAttributes)
			}
			seen[c.ID] = true
		}
		if page.Next == "" {
			break // these were all
		}
	}
	return sampled.few(), nil
}

// seenOfCompanies samples the values of the companies' text attributes likewise. It reads the first companies that are
// listed, in one request.
func seenOfCompanies(ctx context.Context, client *intercom.Client) (map[string][]string, error) {
	page, err := client.Companies.List(ctx, intercom.PageOptions{PerPage: companiesSampled})
	if err != nil {
		return nil, err
	}
	sampled := newSample()
	for _, c := range page.Items {
		sampled.add(c.CustomAttributes)
	}
	return sampled.few(), nil
}
