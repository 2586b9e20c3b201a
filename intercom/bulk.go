package intercom

import (
	"encoding/json"
	"fmt"
)

// BulkService submits jobs that write to many contacts. Only
// version Preview has it: where the workspace has not, the error is of KindVersion. A job reports no outcome of single
// items: read them back to learn it.
type BulkService service

// MaxBulk is how many items one request may have.
const MaxBulk = 100

// BulkContact is what to write to one contact of a job: absent fields stay as they are. See
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/bulkupdatecontacts
type BulkContact struct {
	ID                     string         `json:"id"`
	ExternalID             Opt[string]    `json:"external_id,omitzero"`
	Email                  Opt[string]    `json:"email,omitzero"`
	Name                   Opt[string]    `json:"name,omitzero"`
	Phone                  Opt[string]    `json:"phone,omitzero"`
	Avatar                 Opt[string]    `json:"avatar,omitzero"` // URL of a picture
	LanguageOverride       Opt[string]    `json:"language_override,omitzero"`
	OwnerID                Opt[string]    `json:"owner_id,omitzero"`
	UnsubscribedFromEmails Opt[bool]      `json:"unsubscribed_from_emails,omitzero"`
	CustomAttributes       map[string]any `json:"custom_attributes,omitempty"`
	Companies              []BulkCompany  `json:"companies,omitempty"`
	Tags                   BulkTags       `json:"tags,omitzero"`
}

// BulkCompany is a company to attach a contact to, or to detach it from. A company that does not exist is created.
type BulkCompany struct {
	CompanyID string `json:"company_id"` // your own id of it
	Name      string `json:"name,omitempty"`
	Remove    bool   `json:"remove,omitempty"`
}

// BulkTags are the ids of tags to add and to remove. Intercom silently skips unknown ids.
type BulkTags struct {
	Add    []string
	Remove []string
}

// IsZero reports whether there is nothing to tag or untag.
func (t BulkTags) IsZero() bool { return len(t.Add) == 0 && len(t.Remove) == 0 }

// MarshalJSON writes the ids as the objects that Intercom wants.
func (t BulkTags) MarshalJSON() ([]byte, error) {
	objects := func(ids []string) []idBody {
		var bodies []idBody
		for _, id := range ids {
			bodies = append(bodies, idBody{id})
		}
		return bodies
	}
	return json.Marshal(struct {
		Add    []idBody `json:"add,omitempty"`
		Remove []idBody `json:"remove,omitempty"`
	}{objects(t.Add), objects(t.Remove)})
}

// JobState is how far a job or a task is.
type JobState string

// The states. Completed and CompletedWithErrors are final.
const (
	JobPending             JobState = "pending"
	JobRunning             JobState = "running"
	JobCompleted           JobState = "completed"
	JobCompletedWithErrors JobState = "completed_with_errors"
)

// Job is the work on submitted items.
type Job struct {
	ID          string    `json:"id" record:"bulk job"`
	Type        string    `json:"type"`
	State       JobState  `json:"state" odd:"never"`
	CreatedAt   Time      `json:"created_at"`
	UpdatedAt   Time      `json:"updated_at"`
	CompletedAt Time      `json:"completed_at"`
	Tasks       []JobTask `json:"tasks"`
	URL         string    `json:"url"`
}

// JobTask is the work on the items of one request.
type JobTask struct {
	ID          string   `json:"id"`
	ItemCount   int      `json:"item_count"`
	State       JobState `json:"state"`
	CreatedAt   Time     `json:"created_at"`
	StartedAt   Time     `json:"started_at"`
	CompletedAt Time     `json:"completed_at"`
}

// Done reports whether the job will do no more.
func (j Job) Done() bool {
	return j.State == JobCompleted || j.State == JobCompletedWithErrors
}

// Going reports whether the job is known to go on. One that is neither that nor done is in a state of which nobody
// knows what follows.
func (j Job) Going() bool { return j.State == JobPending || j.State == JobRunning }

type jobWire Job

func (w jobWire) model() (Job, error) {
	if w.ID == "" {
		return Job{}, errNoID
	}
	return Job(w), nil
}

// bulkRequest submits items.
func bulkRequest[T any](pattern string, items []T) request {
	r := onceOnly(pattern).preview().ifOffered().with(map[string][]T{"contacts": items})
	if n := len(items); n == 0 || n > MaxBulk {
		r = r.refuse(fmt.Errorf("%d contacts in one request: want 1 to %d", n, MaxBulk))
	}
	return r
}
