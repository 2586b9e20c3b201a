package sandbox

import (
	"net/url"
	"strings"
)

// route is one operation of the API.
type route struct {
	method  string
	pattern string  // "/contacts/{id}"
	since   version // the first version that has it
	scope   string
	handle  func(*request) (any, *apiError)
}

// routes are all operations there are. A literal segment of a path wins over a variable one.
var routes = []route{
	{"GET", "/contacts", v207, scopeReadUsers, listContacts},
	{"POST", "/contacts", v207, scopeWriteUsers, createContact},
	{"POST", "/contacts/search", v207, scopeReadUsers, searchContacts},
	{"POST", "/contacts/merge", v207, scopeWriteUsers, mergeContacts},
	{"POST", "/contacts/merge/preview", preview, scopeReadUsers, previewMerge},
	{"GET", "/contacts/find_by_external_id/{external_id}", v213, scopeReadUsers, getContactByExternalID},
	{"GET", "/contacts/{id}", v207, scopeReadUsers, getContact},
	{"PUT", "/contacts/{id}", v207, scopeWriteUsers, on(writable, updateContact)},
	{"DELETE", "/contacts/{id}", v207, scopeWriteUsers, on(erasable, deleteContact)},
	{"POST", "/contacts/{id}/archive", v207, scopeWriteUsers, on(erasable, archiveContact)},
	{"POST", "/contacts/{id}/unarchive", v207, scopeWriteUsers, unarchiveContact},
	{"POST", "/contacts/{id}/block", v213, scopeWriteUsers, on(writable, blockContact)},
	{"GET", "/contacts/{id}/merge_history", v216, scopeReadUsers, listMergeHistory},

	{"POST", "/contacts/bulk", preview, scopeWriteUsers, submitBulk(contactCreate)},
	{"PUT", "/contacts/bulk", preview, scopeWriteUsers, submitBulk(contactUpdate)},
	{"POST", "/contacts/bulk/delete", preview, scopeWriteUsers, submitBulk(contactDelete)},
	{"GET", "/contacts/bulk/{job}", preview, scopeReadUsers, getBulkJob},

	{"GET", "/contacts/{id}/companies", v207, scopeReadUsers, on(readable, listContactCompanies)},
	{"POST", "/contacts/{id}/companies", v207, scopeWriteUsers, on(writable, attachCompany)},
	{"DELETE", "/contacts/{id}/companies/{company}", v207, scopeWriteUsers, on(writable, detachCompany)},
	{"GET", "/contacts/{id}/tags", v207, scopeReadTags, on(readable, listContactTags)},
	{"POST", "/contacts/{id}/tags", v207, scopeWriteTags, on(writable, tagContact)},
	{"DELETE", "/contacts/{id}/tags/{tag}", v207, scopeWriteTags, on(writable, untagContact)},
	{"GET", "/contacts/{id}/notes", v207, scopeReadUsers, on(readable, listContactNotes)},
	{"POST", "/contacts/{id}/notes", v207, scopeWriteUsers, on(writable, createContactNote)},
	{"GET", "/contacts/{id}/segments", v207, scopeReadUsers, on(readable, listContactSegments)},
	{"GET", "/contacts/{id}/subscriptions", v207, scopeReadUsers, on(readable, listContactSubscriptions)},
	{"POST", "/contacts/{id}/subscriptions", v207, scopeWriteUsers, on(writable, addSubscription)},
	{"DELETE", "/contacts/{id}/subscriptions/{subscription}", v207, scopeWriteUsers, on(writable, removeSubscription)},

	{"GET", "/companies", v207, scopeReadUsers, filterCompanies},
	{"POST", "/companies", v207, scopeWriteUsers, saveCompany},
	{"POST", "/companies/list", v207, scopeReadUsers, listCompanies},
	{"GET", "/companies/scroll", v207, scopeReadUsers, scrollCompanies},
	{"GET", "/companies/{id}", v207, scopeReadUsers, on(liveCompany, getCompany)},
	{"PUT", "/companies/{id}", v207, scopeWriteUsers, on(liveCompany, updateCompany)},
	{"DELETE", "/companies/{id}", v207, scopeWriteUsers, on(liveCompany, deleteCompany)},
	{"GET", "/companies/{id}/contacts", v207, scopeReadUsers, on(liveCompany, listCompanyContacts)},
	{"GET", "/companies/{id}/segments", v207, scopeReadUsers, on(liveCompany, listCompanySegments)},
	{"GET", "/companies/{id}/notes", v215, scopeReadUsers, on(liveCompany, listCompanyNotes)},
	{"POST", "/companies/{id}/notes", v216, scopeWriteUsers, on(liveCompany, createCompanyNote)},

	{"GET", "/tags", v207, scopeReadTags, listTags},
	{"POST", "/tags", v207, scopeWriteTags, saveTag},
	{"GET", "/tags/{id}", v207, scopeReadTags, getTag},
	{"DELETE", "/tags/{id}", v207, scopeWriteTags, deleteTag},
	{"GET", "/notes/{id}", v207, scopeReadUsers, getNote},
	{"GET", "/segments", v207, scopeReadUsers, listSegments},
	{"GET", "/segments/{id}", v207, scopeReadUsers, getSegment},
	{"GET", "/subscription_types", v207, scopeReadUsers, listSubscriptionTypes},

	{"GET", "/data_attributes", v207, scopeReadUsers, listDataAttributes},

	{"GET", "/me", v207, scopeNone, getMe},
	{"GET", "/admins", v207, scopeReadAdmins, listAdmins},
	{"GET", "/admins/{id}", v207, scopeReadAdmins, getAdmin},
	{"PUT", "/admins/{id}/away", v207, scopeReadAdmins, setAway},
}

// on hands a handler what the path's id names, as find finds it. Where find refuses, that is the answer.
func on[T any](
	find func(*workspace, string) (*T, *apiError), handle func(*request, *T) (any, *apiError),
) func(*request) (any, *apiError) {
	return func(q *request) (any, *apiError) {
		named, err := find(q.space, q.vars["id"])
		if err != nil {
			return nil, err
		}
		return handle(q, named)
	}
}

// What an operation may be about.
func readable(w *workspace, id string) (*contact, *apiError)    { return w.contacts.find(id) }
func writable(w *workspace, id string) (*contact, *apiError)    { return w.contacts.writable(id) }
func erasable(w *workspace, id string) (*contact, *apiError)    { return w.contacts.erasable(id) }
func liveCompany(w *workspace, id string) (*Company, *apiError) { return w.companies.find(id) }

// Operation is an operation of the API that the sandbox has.
type Operation struct {
	Method  string
	Pattern string // as "/contacts/{id}"
	Since   string // the first version that has it
}

// Operations lists what the sandbox has, in the order of Intercom's reference.
func Operations() []Operation {
	var all []Operation
	for _, r := range routes {
		all = append(all, Operation{r.method, r.pattern, r.since.String()})
	}
	return all
}

// findRoute returns the operation of an escaped path, and the path's variables; nil where there is none.
func findRoute(method, path string) (*route, map[string]string) {
	segments := strings.Split(path, "/")
	var found *route
	var vars map[string]string
	for i := range routes {
		r := &routes[i]
		if r.method != method {
			continue
		}
		if v, ok := matchPath(r.pattern, segments); ok && (found == nil || len(v) < len(vars)) {
			found, vars = r, v
		}
	}
	return found, vars
}

// matchPath compares an operation's pattern with a path's segments.
func matchPath(pattern string, segments []string) (map[string]string, bool) {
	if strings.Count(pattern, "/") != len(segments)-1 {
		return nil, false
	}
	var vars map[string]string
	for want := range strings.SplitSeq(pattern, "/") {
		segment := segments[0]
		segments = segments[1:]
		name, variable := strings.CutPrefix(want, "{")
		if !variable {
			if want != segment {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segment)
		if err != nil || value == "" {
			return nil, false
		}
		if vars == nil {
			vars = make(map[string]string, 2)
		}
		vars[strings.TrimSuffix(name, "}")] = value
	}
	return vars, true
}
