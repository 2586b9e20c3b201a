package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// awayModeChange is the one type of event that the sandbox logs: nothing else
// that admins do goes through its operations.
const awayModeChange = "admin_away_mode_change"

// activityLogJSON is an entry of the log of what admins did. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/listactivitylogs
type activityLogJSON struct {
	ID          string         `json:"id"`
	PerformedBy performerJSON  `json:"performed_by"`
	Metadata    awayChangeJSON `json:"metadata"`
	CreatedAt   int64          `json:"created_at"`
	Type        string         `json:"activity_type"`
	Description string         `json:"activity_description"`
}

type performerJSON struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Email string `json:"email"`
	IP    string `json:"ip"`
}

type awayChangeJSON struct {
	AwayMode bool   `json:"away_mode"`
	Reassign bool   `json:"reassign_conversations"`
	Source   string `json:"source"`
}

// logAway adds to the log that the token's admin set an admin's away mode.
func (q *request) logAway(a *Admin) {
	by := q.admins[0]
	hi, lo := q.cursors.Uint64(), q.cursors.Uint64()
	q.adminLog = append(q.adminLog, activityLogJSON{
		ID:          uuid(hi, lo),
		PerformedBy: performerJSON{"admin", by.ID, by.Email, "127.0.0.1"},
		Metadata:    awayChangeJSON{a.AwayModeEnabled, a.AwayModeReassign, "admin update from api - Admin id: " + by.ID},
		CreatedAt:   q.now(), Type: awayModeChange,
		Description: fmt.Sprintf("%s changed the away mode of %s.", by.Name, a.Name),
	})
}

// The page sizes of the log.
const (
	activityLogsPage    = 20
	maxActivityLogsPage = 250
)

// listActivityLogs is GET /admins/activity_logs, the newest first.
func listActivityLogs(q *request) (any, error) {
	after, err := logTime("created_at_after", q.query.Get("created_at_after"))
	if err != nil {
		return nil, err
	}
	before := q.now()
	if given := q.query.Get("created_at_before"); given != "" {
		if before, err = logTime("created_at_before", given); err != nil {
			return nil, err
		}
	}
	page, err := pageNumber(q.query.Get("page"))
	if err != nil {
		return nil, err
	}
	return q.activityLogs(after, before, nil, page, activityLogsPage), nil
}

// searchActivityLogs is POST /admins/activity_logs/search, which takes types
// of events, too.
func searchActivityLogs(q *request) (any, error) {
	if err := q.only("created_at_after", "created_at_before", "event_types", "page", "per_page"); err != nil {
		return nil, err
	}
	fields := map[string]int64{"created_at_before": q.now(), "page": 1, "per_page": activityLogsPage}
	for _, key := range []string{"created_at_after", "created_at_before", "page", "per_page"} {
		raw, given := q.body.given(key)
		if _, standard := fields[key]; !given && standard {
			continue
		}
		n, err := logTime(key, string(raw))
		if err != nil {
			return nil, err
		}
		fields[key] = n
	}
	if size := fields["per_page"]; fields["page"] < 1 || size < 1 || size > maxActivityLogsPage {
		return nil, fail(http.StatusBadRequest, "parameter_invalid", "Per Page must be between 1 and %d", maxActivityLogsPage)
	}
	var types []string
	if raw, ok := q.body.given("event_types"); ok && json.Unmarshal(raw, &types) != nil {
		return nil, invalidField("event_types")
	}
	return q.activityLogs(fields["created_at_after"], fields["created_at_before"], types, int(fields["page"]), int(fields["per_page"])), nil
}

// logTime reads a whole number that must be there.
func logTime(field, given string) (int64, *apiError) {
	if given == "" {
		return 0, missingField(field)
	}
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		return 0, invalidField(field)
	}
	return n, nil
}

// activityLogs is a page of the log between two times, of some types of
// events or of all.
func (q *request) activityLogs(after, before int64, types []string, page, size int) any {
	var rows []activityLogJSON
	for _, entry := range slices.Backward(q.adminLog) {
		if entry.CreatedAt >= after && entry.CreatedAt <= before && (types == nil || slices.Contains(types, entry.Type)) {
			rows = append(rows, entry)
		}
	}
	list := numberedPage(q, "/admins/activity_logs", rows, page, size, func(e activityLogJSON) any { return e })
	return struct {
		Type  string `json:"type"`
		Pages any    `json:"pages"`
		Logs  []any  `json:"activity_logs"`
	}{"activity_log.list", list.Pages, list.Data}
}
