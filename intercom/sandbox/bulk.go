package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// bulkMax is how many items one bulk request takes.
const bulkMax = 100

// bulkOperation is one of the writes that bulk jobs carry out.
type bulkOperation struct {
	byID bool // each item must name its contact
	// run applies one item. An error fails the item; the job reports only that some item failed.
	run func(e edit, item object) *apiError
}

// bulkJob is a series of tasks. Nothing runs in the background: due tasks run before the next request.
type bulkJob struct {
	id        string
	createdAt time.Time
	tasks     []*bulkTask
}

// bulkTask is one bulk request.
type bulkTask struct {
	id        string
	operation *bulkOperation
	items     []object
	count     int
	submitted time.Time
	completes time.Time
	done      bool
	failed    bool // some item failed
}

// started is when a task stops pending: half-way to its completion.
func (t *bulkTask) started() time.Time {
	return t.submitted.Add(t.completes.Sub(t.submitted) / 2)
}

// submitBulk is the handler of a bulk write, answered with 202. See the bulk operations of
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts
func submitBulk(op *bulkOperation) func(*request) (any, *apiError) {
	return func(q *request) (any, *apiError) {
		items, err := op.items(q.body)
		if err != nil {
			return nil, err
		}
		job, err := q.openJob()
		if err != nil {
			return nil, err
		}
		q.space.tasks++
		task := &bulkTask{
			id: fmt.Sprintf("task_v2_%d", q.space.tasks), operation: op, items: items, count: len(items),
			submitted: q.at, completes: q.at.Add(q.space.bulkDelay),
		}
		job.tasks = append(job.tasks, task)
		q.space.queue = append(q.space.queue, task)
		return accepted{view{q}.job(job)}, nil
	}
}

// items checks the whole request; one invalid item refuses all.
func (op *bulkOperation) items(body object) ([]object, *apiError) {
	refuse := func(code, format string, args ...any) *apiError {
		return fail(http.StatusUnprocessableEntity, code, format, args...)
	}
	raw, ok := body.given("contacts")
	if !ok {
		return nil, refuse("field_not_found", "contacts field must be supplied")
	}
	elements, ok := list(raw)
	if !ok {
		return nil, refuse("type_mismatch", "contacts must be an array")
	}
	if len(elements) > bulkMax {
		return nil, refuse("parameter_invalid", "maximum number of contacts per request is %d", bulkMax)
	}
	items := make([]object, 0, len(elements))
	for _, element := range elements {
		item, ok := parseObject(element)
		if !ok {
			return nil, refuse("type_mismatch", "each contact must be an object")
		}
		items = append(items, item)
	}
	for _, item := range items {
		if id, ok := text(item.value("id")); op.byID && (!ok || id == "") {
			return nil, refuse("field_not_found", "contacts must be identified by id")
		}
	}
	return items, nil
}

// openJob finds the job that the body appends to, or creates one.
func (q *request) openJob() (*bulkJob, *apiError) {
	raw, ok := q.body.given("job")
	if !ok {
		job := &bulkJob{id: fmt.Sprintf("job_v2_%d", len(q.space.jobs)+1), createdAt: q.at}
		q.space.jobs = append(q.space.jobs, job)
		return job, nil
	}
	given, ok := parseObject(raw)
	if !ok {
		return nil, fail(http.StatusUnprocessableEntity, "type_mismatch", "job must be an object")
	}
	id, _ := idText(given.value("id"))
	job := q.space.job(id)
	if job == nil {
		return nil, jobNotFound(id)
	}
	if job.finished() {
		return nil, fail(http.StatusForbidden, "forbidden", "job %s is closed for new task updates", id)
	}
	return job, nil
}

// job returns a bulk job, or nil.
func (w *workspace) job(id string) *bulkJob {
	return first(w.jobs, func(j *bulkJob) bool { return j.id == id })
}

func jobNotFound(id string) *apiError {
	return fail(http.StatusNotFound, "job_not_found", "job %s not found", id)
}

// runTasks runs the tasks that are due, each at its own time.
func (w *workspace) runTasks(now time.Time) {
	for len(w.queue) > 0 && !w.queue[0].completes.After(now) {
		task := w.queue[0]
		w.queue = w.queue[1:]
		for _, item := range task.items {
			if task.operation.run(edit{w, task.completes}, item) != nil {
				task.failed = true
			}
		}
		task.done, task.items = true, nil
	}
}

// finished reports whether all tasks of a job ran, which closes it.
func (j *bulkJob) finished() bool {
	return !slices.ContainsFunc(j.tasks, func(t *bulkTask) bool { return !t.done })
}

// jobJSON is a job on the wire. It has no outcome of single items.
type jobJSON struct {
	ID          string     `json:"id"`
	Type        string     `json:"type"`
	State       string     `json:"state"`
	CreatedAt   int64      `json:"created_at"`
	UpdatedAt   int64      `json:"updated_at"`
	CompletedAt *int64     `json:"completed_at"`
	Tasks       []taskJSON `json:"tasks"`
	URL         string     `json:"url"`
}

type taskJSON struct {
	ID          string `json:"id"`
	ItemCount   int    `json:"item_count"`
	State       string `json:"state"`
	CreatedAt   int64  `json:"created_at"`
	StartedAt   *int64 `json:"started_at"`
	CompletedAt *int64 `json:"completed_at"`
}

// The states of jobs and tasks.
const (
	statePending   = "pending"
	stateRunning   = "running"
	stateCompleted = "completed"
	stateErrors    = "completed_with_errors"
)

// job renders a job as it stands at the time of the request.
func (v view) job(j *bulkJob) jobJSON {
	out := jobJSON{
		ID: j.id, Type: "contacts.bulk.job", State: stateRunning,
		CreatedAt: j.createdAt.Unix(), UpdatedAt: j.createdAt.Unix(),
		URL: fmt.Sprintf("%s/contacts/bulk/%s", v.q.base, j.id),
	}
	failed := false
	for _, t := range j.tasks {
		out.Tasks = append(out.Tasks, t.json(v.q.at))
		failed = failed || t.failed
		for _, moment := range []time.Time{t.submitted, t.started(), t.completes} {
			if !moment.After(v.q.at) {
				out.UpdatedAt = max(out.UpdatedAt, moment.Unix())
			}
		}
	}
	if j.finished() {
		out.State = stateCompleted
		if failed {
			out.State = stateErrors
		}
		out.CompletedAt = orNull(out.UpdatedAt)
	}
	return out
}

func (t *bulkTask) json(at time.Time) taskJSON {
	out := taskJSON{ID: t.id, ItemCount: t.count, State: statePending, CreatedAt: t.submitted.Unix()}
	if !t.started().After(at) {
		out.State = stateRunning
		out.StartedAt = orNull(t.started().Unix())
	}
	if t.done {
		out.State = stateCompleted
		if t.failed {
			out.State = stateErrors
		}
		out.CompletedAt = orNull(t.completes.Unix())
	}
	return out
}

// getBulkJob is GET /contacts/bulk/{job}.
func getBulkJob(q *request) (any, *apiError) {
	job := q.space.job(q.vars["job"])
	if job == nil {
		return nil, jobNotFound(q.vars["job"])
	}
	return view{q}.job(job), nil
}
