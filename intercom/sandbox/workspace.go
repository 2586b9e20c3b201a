package sandbox

import (
	"cmp"
	"slices"
	"time"
)

// workspace is all that is stored. It knows no HTTP.
type workspace struct {
	id        string // id_code of its app
	zone      *time.Location
	region    string
	bulkDelay time.Duration
	rounding  bool // Options.RoundValues
	merging   bool // of users into users; see Options.NoUserMerges
	createdAt int64

	ids               idSource
	contacts          contactStore
	companies         companyStore
	attributes        attributeList
	tags              tagList
	notes             noteBook
	segments          segmentList
	plans             []planJSON
	admins            adminList
	subscriptionTypes subscriptionTypeList
	scroll            *companyScroll
	jobs              []*bulkJob
	tasks             int         // bulk tasks so far
	queue             []*bulkTask // not done yet, the first due first
}

func newWorkspace(opts Options, zone *time.Location) *workspace {
	return &workspace{
		id:        cmp.Or(opts.WorkspaceID, "sandbox01"),
		zone:      zone,
		region:    opts.Region,
		bulkDelay: opts.BulkDelay,
		rounding:  opts.RoundValues,
		merging:   !opts.NoUserMerges && !opts.NoPreview,
		createdAt: workspaceCreated,
		ids:       newIDSource(opts.Seed),
		contacts: contactStore{
			byID: make(map[string]*contact, opts.Contacts), failing: make(map[string]*apiError), lag: opts.SearchLag,
		},
		companies: companyStore{byID: make(map[string]*Company, opts.Companies)},
		notes:     noteBook{byID: make(map[string]*Note), of: make(map[string][]*Note)},
	}
}

// catchUp applies what time alone changes: due bulk tasks, and the end of an idle scroll.
func (w *workspace) catchUp(now time.Time) {
	w.runTasks(now)
	if w.scroll != nil && now.Sub(w.scroll.used) > scrollIdle {
		w.scroll = nil
	}
}

// first returns the first item that fits, or nil.
func first[T any](items []*T, fits func(*T) bool) *T {
	i := slices.IndexFunc(items, fits)
	if i < 0 {
		return nil
	}
	return items[i]
}

// without is a copy of ids that lacks one.
func without(ids []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id })
}
