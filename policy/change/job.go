package change

import (
	"slices"
	"time"
)

// Job is a chunk of items that a run hands to Intercom as one bulk job. It is on record before Intercom gets it, so
// that whoever goes on with the change knows what Intercom may hold, and what was in no job.
type Job struct {
	Items   string    // their indexes, as ranges: 0-98,100
	At      time.Time // when it was about to be sent
	ID      string    `json:",omitempty"` // Intercom's; empty where no answer came
	Refused bool      `json:",omitempty"` // Intercom took nothing of it
}

// NewJob is a job of items that is about to be sent.
func NewJob(items []int, at time.Time) Job { return Job{Items: ranges(items), At: at} }

// Indexes lists the items of a job of the change.
func (c *Change) Indexes(job Job) ([]int, error) {
	var items []int
	err := eachInRanges(job.Items, len(c.Items), func(i int) { items = append(items, i) })
	return items, err
}

// answered reports whether it is known what Intercom made of a job.
func (j Job) answered() bool { return j.ID != "" || j.Refused }

// RecordJob records a job that is about to be sent, or Intercom's answer to one.
func (c *Change) RecordJob(job Job) {
	c.Jobs = withJob(c.Jobs, job)
}

// withJob is a copy of jobs with one more, or with the answer to the last one of the same items.
func withJob(jobs []Job, job Job) []Job {
	jobs = slices.Clone(jobs)
	for i := range slices.Backward(jobs) {
		if job.answered() && !jobs[i].answered() && jobs[i].Items == job.Items {
			jobs[i].ID, jobs[i].Refused = job.ID, job.Refused
			return jobs
		}
	}
	return append(jobs, job)
}

// sameJobs compares jobs but for their times, which a trail tells by its own.
func sameJobs(some, others []Job) bool {
	return slices.EqualFunc(some, others, func(a, b Job) bool {
		return a.Items == b.Items && a.ID == b.ID && a.Refused == b.Refused
	})
}

// JobEvent records a job that is about to be sent, or Intercom's answer to one.
func (c *Change) JobEvent(job Job) Event {
	facts := map[string]string{"items": job.Items}
	if job.ID != "" {
		facts["job"] = job.ID
	}
	if job.Refused {
		facts["refused"] = "true"
	}
	return c.event(time.Time{}, KindJob, facts)
}

// job is the job that an event records.
func (e *Event) job() Job {
	return Job{Items: e.Facts["items"], At: e.Time, ID: e.Facts["job"], Refused: e.Facts["refused"] == "true"}
}
