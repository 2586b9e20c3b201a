package sandbox

import (
	"fmt"
	"strconv"
)

// activity is an entry of the feed of what became of contacts.
type activity struct {
	event      string // e.g. "contact.created"
	contactID  string
	externalID string
	role       string
	source     string // merges: the contact taken over
	target     string // merges: the contact that took it over
	failure    string // failed merges: why
	at         int64
}

// activityJSON is an activity on the wire.
type activityJSON struct {
	Type       string       `json:"type"`
	ID         string       `json:"id"`
	Event      string       `json:"event_type"`
	ContactID  string       `json:"contact_id"`
	ExternalID null[string] `json:"external_id"`
	Role       null[string] `json:"role"`
	Source     string       `json:"merge_source_id,omitempty"`
	Target     string       `json:"merge_target_id,omitempty"`
	Failure    string       `json:"failure_reason,omitempty"`
	CreatedAt  int64        `json:"created_at"`
}

// logContact adds to the feed what happened to a contact.
func (q *request) logContact(event string, c *Contact) {
	q.activities = append(q.activities, activity{event: event, contactID: c.ID, externalID: c.ExternalID, role: c.Role, at: q.now()})
}

// logMerge adds a merge to the feed.
func (q *request) logMerge(event string, from, into *Contact, failure string) {
	q.activities = append(q.activities, activity{
		event: event, contactID: into.ID, externalID: into.ExternalID, role: into.Role,
		source: from.ID, target: into.ID, failure: failure, at: q.now(),
	})
}

// The page sizes of the feed.
const (
	activitiesPage    = 50
	maxActivitiesPage = 150
)

// feedPages describe a page of the feed, which has no number and no total.
type feedPages struct {
	Type    string    `json:"type"`
	PerPage int       `json:"per_page"`
	Next    *feedNext `json:"next,omitempty"`
}

type feedNext struct {
	StartingAfter string `json:"starting_after"`
}

// listActivities is GET /contacts/activities, the oldest first.
func listActivities(q *request) (any, error) {
	size, err := perPage(q.query.Get("per_page"), activitiesPage, maxActivitiesPage)
	if err != nil {
		return nil, err
	}
	first := 0
	if after := q.query.Get("starting_after"); after != "" {
		n, err := strconv.ParseInt(after, 16, 32)
		if err != nil || n < 0 {
			return nil, errBadCursor
		}
		first = min(int(n), len(q.activities))
	}
	last := min(first+size, len(q.activities))
	pages := feedPages{Type: "pages", PerPage: size}
	if last < len(q.activities) {
		pages.Next = &feedNext{fmt.Sprintf("%06x", last)}
	}
	data := []activityJSON{}
	for i, a := range q.activities[first:last] {
		data = append(data, activityJSON{
			Type: "contact_activity", ID: fmt.Sprintf("%d.%06x", a.at*1000, first+i), Event: a.event,
			ContactID: a.contactID, ExternalID: orNull(a.externalID), Role: orNull(a.role),
			Source: a.source, Target: a.target, Failure: a.failure, CreatedAt: a.at,
		})
	}
	return struct {
		Type  string         `json:"type"`
		Data  []activityJSON `json:"data"`
		Pages feedPages      `json:"pages"`
	}{"list", data, pages}, nil
}
