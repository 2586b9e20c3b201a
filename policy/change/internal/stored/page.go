package stored

import (
	"math"

	"intercom-mcp/policy/change"
)

// Page returns the newest changes that a query selects, as many as it asks for. read returns at most as many of those
// before a number, newest first; of tells the number of a change, and the change. Which of those that wait are overdue
// is told by their bodies alone, so that more are read until there are enough.
func Page[H any](
	query change.Query, read func(before int64) ([]H, error), of func(*H) (number int64, c *change.Change),
) (list []H, err error) {
	for before := int64(math.MaxInt64); ; {
		page, err := read(before)
		if err != nil {
			return nil, err
		}
		for i := range page {
			number, c := of(&page[i])
			before = number
			if query.Status == "" || c.StatusAt(query.At) == query.Status {
				list = append(list, page[i])
			}
		}
		if len(page) < query.Limit || len(list) >= query.Limit {
			return list[:min(len(list), query.Limit)], nil
		}
	}
}
