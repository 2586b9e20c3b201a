package sandbox

import (
	"time"
)

// Segment is a group of contacts or companies that is computed from a rule.
type Segment struct {
	ID                   string
	Name                 string
	PersonType           string // "user", or "contact" for leads
	CreatedAt, UpdatedAt int64  // Unix seconds
}

// segment is a segment with its rule.
type segment struct {
	Segment
	tagID     string // the tag that the rule asks for, if any
	contacts  func(c *Contact, at time.Time) bool
	companies func(c *Company, users int) bool
}

// hasContact reports whether a contact is in the segment.
func (s *segment) hasContact(c *Contact, at time.Time) bool {
	return s.contacts != nil && (s.PersonType == "user") == (c.Role == "user") && s.contacts(c, at)
}

// hasCompany reports whether a company with so many users is in the segment.
func (s *segment) hasCompany(c *Company, users int) bool {
	return s.companies != nil && s.companies(c, users)
}

// segmentJSON is a segment on the wire; the count comes on request.
type segmentJSON struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	CreatedAt  int64  `json:"created_at"`
	UpdatedAt  int64  `json:"updated_at"`
	PersonType string `json:"person_type"`
	Count      *int   `json:"count,omitempty"`
}

type segmentListJSON struct {
	Type     string        `json:"type"`
	Segments []segmentJSON `json:"segments"`
}

// segment renders a segment, counted if the request says so.
func (v view) segment(s *segment) segmentJSON {
	out := segmentJSON{"segment", s.ID, s.Name, s.CreatedAt, s.UpdatedAt, s.PersonType, nil}
	if !v.q.flag("include_count") {
		return out
	}
	count := len(v.q.space.contacts.visible(v.q.at, func(c *Contact) bool { return s.hasContact(c, v.q.at) }))
	for _, c := range v.q.visibleCompanies() {
		if s.hasCompany(c, v.q.userCounts()[c.ID]) {
			count++
		}
	}
	out.Count = &count
	return out
}

// segments renders the segments that keep holds of.
func (v view) segments(keep func(*segment) bool) []segmentJSON {
	out := []segmentJSON{}
	for _, s := range v.q.space.segments {
		if keep(s) {
			out = append(out, v.segment(s))
		}
	}
	return out
}

// segmentList is the segments of the workspace.
type segmentList []*segment

// byID returns a segment, or nil.
func (l segmentList) byID(id string) *segment {
	return first(l, func(s *segment) bool { return s.ID == id })
}

// listSegments is GET /segments.
func listSegments(q *request) (any, *apiError) {
	return struct {
		segmentListJSON
		Pages struct{} `json:"pages"`
	}{segmentListJSON: segmentListJSON{"segment.list", view{q}.segments(func(*segment) bool { return true })}}, nil
}

// getSegment is GET /segments/{id}.
func getSegment(q *request) (any, *apiError) {
	s := q.space.segments.byID(q.vars["id"])
	if s == nil {
		return nil, errResourceNotFound
	}
	return view{q}.segment(s), nil
}

// listContactSegments is GET /contacts/{id}/segments.
func listContactSegments(q *request, c *contact) (any, *apiError) {
	return wholeList(view{q}.segments(func(s *segment) bool { return s.hasContact(&c.Contact, q.at) })), nil
}
