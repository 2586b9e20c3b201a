package intercom

import (
	"context"
	"iter"
)

// Activity is something that happened to a contact. It is the one place that
// tells of contacts that were deleted or merged.
type Activity struct {
	ID string `json:"id"`
	// Type is contact.created, contact.role_updated, contact.deleted,
	// contact.merged or contact.merge_failed.
	Type          string `json:"event_type"`
	ContactID     string `json:"contact_id"`
	ExternalID    string `json:"external_id"`
	Role          string `json:"role"` // "user", "lead", "visitor" or ""
	MergeSourceID string `json:"merge_source_id"`
	MergeTargetID string `json:"merge_target_id"`
	FailureReason string `json:"failure_reason"`
	CreatedAt     Time   `json:"created_at"`
}

type activityWire Activity

func (w activityWire) model() (Activity, error) {
	if w.ID == "" {
		return Activity{}, errNoID
	}
	return Activity(w), nil
}

// Activities returns a page of what happened to contacts, the oldest first.
// Only version Preview has it.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/listcontactactivities
func (s *ContactService) Activities(ctx context.Context, options PageOptions) (Page[Activity], error) {
	return list[activityWire](ctx, s.client, safeRead("GET /contacts/activities").preview().page(options, maxPerPage))
}

// ActivitiesAll iterates over what happened to contacts, the oldest first.
func (s *ContactService) ActivitiesAll(ctx context.Context, options PageOptions) iter.Seq2[Activity, error] {
	return all(options, func(at PageOptions) (Page[Activity], error) { return s.Activities(ctx, at) })
}
