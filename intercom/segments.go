package intercom

import "context"

// SegmentService calls the endpoints of segments.
type SegmentService service

// Segment is a group of people that Intercom computes by rules. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/segments/segment
type Segment struct {
	ID         string
	Name       string
	CreatedAt  Time
	UpdatedAt  Time
	PersonType string // "user", or "contact" for leads
	Count      int    // of its members, -1 if unknown
}

type segmentWire struct {
	ID         looseString `json:"id" record:"segment"`
	Name       string      `json:"name"`
	CreatedAt  Time        `json:"created_at"`
	UpdatedAt  Time        `json:"updated_at"`
	PersonType string      `json:"person_type"`
	Count      *looseInt   `json:"count"`
}

func (w segmentWire) model() (Segment, error) {
	if w.ID == "" {
		return Segment{}, errNoID
	}
	s := Segment{ID: string(w.ID), Name: w.Name, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, PersonType: w.PersonType,
		Count: -1}
	if w.Count != nil {
		s.Count = int(*w.Count)
	}
	return s, nil
}

// List returns all segments of the workspace, without their counts.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/segments/listsegments
func (s *SegmentService) List(ctx context.Context) ([]Segment, error) {
	return every[segmentWire](ctx, s.client, safeRead("GET /segments"))
}

// ListCounted returns all segments with the number of members of each, which
// takes Intercom longer and may be minutes old.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/segments/listsegments
func (s *SegmentService) ListCounted(ctx context.Context) ([]Segment, error) {
	return every[segmentWire](ctx, s.client, safeRead("GET /segments").param("include_count", "true"))
}

// Get returns a segment.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/segments/retrievesegment
func (s *SegmentService) Get(ctx context.Context, id string) (Segment, error) {
	return one[segmentWire](ctx, s.client, safeRead("GET /segments/{id}", id))
}
