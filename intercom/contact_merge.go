package intercom

import (
	"context"
	"errors"
	"iter"
)

// Merge names the two contacts of a merge.
type Merge struct {
	From string // the lead or user that goes
	Into string // the user that stays
	// Users says that From is a user, too. Only Preview merges those, where the rollout has reached the workspace, and
	// only if they share an e-mail or a phone.
	Users bool
	// SkipDuplicateCheck merges a lead with a user that share neither e-mail nor phone.
	// Versions before 2.16 never check; of two users Intercom always does.
	SkipDuplicateCheck bool
}

type mergeBody struct {
	From                    string `json:"from"`
	Into                    string `json:"into"`
	SkipDuplicateValidation bool   `json:"skip_duplicate_validation,omitempty"`
}

// merging puts a merge into the body of r, for a version.
func (r request) merging(m Merge, v version) request {
	body := mergeBody{From: m.From, Into: m.Into,
		SkipDuplicateValidation: m.SkipDuplicateCheck && !m.Users && !v.before(16)}
	return r.naming("from", m.From).naming("into", m.Into).with(body)
}

// Merge merges one contact into another, which it returns. It cannot be undone.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/mergecontact
func (s *ContactService) Merge(ctx context.Context, merge Merge) (Contact, error) {
	r := onceOnly("POST /contacts/merge").merging(merge, s.client.conn.version)
	if merge.Users {
		r = r.preview()
	}
	return one[contactWire](ctx, s.client, r.answering(merge.Into))
}

// MergePreview is the effect of a merge, or the reasons against it.
type MergePreview struct {
	Allowed    bool
	Reasons    []MergeReason    // why not
	Attributes []MergeAttribute // the outcome by attribute
	// Moved are the numbers of conversations, tickets, phone_calls, tags and notes that each contact has.
	Moved map[string]MergeCount
}

// MergeReason is a reason why a merge is not allowed.
type MergeReason struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// MergeAttribute is the outcome of a merge for one attribute.
type MergeAttribute struct {
	Field        string `json:"field"`
	Outcome      string `json:"outcome"` // "adopted", "merged" or "discarded"
	FromValue    any    `json:"from_value"`
	IntoValue    any    `json:"into_value"`
	NewIntoValue any    `json:"new_into_value"`
}

// MergeCount is how many of something the two contacts have.
type MergeCount struct {
	From int `json:"from"`
	Into int `json:"into"`
}

type mergePreviewWire struct {
	Allowed *bool         `json:"allowed" odd:"never"`
	Reasons []MergeReason `json:"reasons"`
	Summary struct {
		AttributeChanges struct {
			Attributes []MergeAttribute `json:"attributes"`
		} `json:"attribute_changes"`
		Reassignments map[string]MergeCount `json:"reassignments"`
	} `json:"summary"`
}

func (w mergePreviewWire) model() (MergePreview, error) {
	if w.Allowed == nil {
		return MergePreview{}, &UnreadableError{Unreadable{Record: "answer", Key: "allowed", Reason: "is missing"}}
	}
	return MergePreview{
		Allowed: *w.Allowed, Reasons: w.Reasons,
		Attributes: w.Summary.AttributeChanges.Attributes, Moved: w.Summary.Reassignments,
	}, nil
}

// PreviewMerge returns the effect that Merge would have. Only version Preview has it:
// where the workspace has not, the error is of KindVersion.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/previewmergecontact
func (s *ContactService) PreviewMerge(ctx context.Context, merge Merge) (MergePreview, error) {
	r := safeRead("POST /contacts/merge/preview").merging(merge, versionPreview).preview()
	preview, err := one[mergePreviewWire](ctx, s.client, r)
	var refused *Error
	if errors.As(err, &refused) && refused.lacksPreview() {
		refused.kind = KindVersion
	}
	return preview, err
}

// lacksPreview reports whether a refusal says, in whatever words, that the workspace has no such request: both contacts
// are there.
func (e *Error) lacksPreview() bool {
	switch e.Kind() {
	case KindMerged, KindCredential, KindAddress:
		return false
	}
	return noRequest(e.Status) && e.Missing != missingContact
}

// MergeRecord is a contact that was merged into another.
type MergeRecord struct {
	SourceID   string `json:"source_contact_id" record:"merge"`
	SourceRole string `json:"source_contact_role"` // "lead" or "user"
	MergedAt   Time   `json:"merged_at"`
}

func (r MergeRecord) model() (MergeRecord, error) { return r, nil }

// MergeHistory returns a page of the contacts that were merged into a user,
// the latest first. Versions before 2.16 lack it, so it is sent as 2.16 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listcontactmergehistory
func (s *ContactService) MergeHistory(ctx context.Context, id string, options PageOptions) (Page[MergeRecord], error) {
	r := safeRead("GET /contacts/{id}/merge_history", id).since(16, s.client.conn.version).page(options, maxPerPage)
	return list[MergeRecord](ctx, s.client, r)
}

// MergeHistoryAll iterates over the contacts that were merged into a user.
func (s *ContactService) MergeHistoryAll(
	ctx context.Context, id string, options PageOptions,
) iter.Seq2[MergeRecord, error] {
	return all(options, func(at PageOptions) (Page[MergeRecord], error) { return s.MergeHistory(ctx, id, at) })
}
