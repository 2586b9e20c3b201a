package intercom

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// AdminActivity is something that an admin did: signed in, went away, changed
// a setting. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/activity_log
type AdminActivity struct {
	ID          string
	Type        string // as admin_away_mode_change: Intercom lists many, and adds more
	Description string
	AdminID     string
	AdminEmail  string
	IP          string
	Metadata    map[string]any // depends on Type
	CreatedAt   Time
}

type adminActivityWire struct {
	ID          looseString `json:"id"`
	PerformedBy struct {
		ID    looseString `json:"id"`
		Email string      `json:"email"`
		IP    string      `json:"ip"`
	} `json:"performed_by"`
	Metadata    map[string]any `json:"metadata"`
	CreatedAt   Time           `json:"created_at"`
	Type        string         `json:"activity_type"`
	Description string         `json:"activity_description"`
}

func (w adminActivityWire) model() (AdminActivity, error) {
	if w.ID == "" {
		return AdminActivity{}, errNoID
	}
	return AdminActivity{
		ID: string(w.ID), Type: w.Type, Description: w.Description, Metadata: w.Metadata, CreatedAt: w.CreatedAt,
		AdminID: string(w.PerformedBy.ID), AdminEmail: w.PerformedBy.Email, IP: w.PerformedBy.IP,
	}, nil
}

// ActivityLogs returns a page of what admins did from after to before, the
// newest first; a zero before stands for now. Intercom decides how much is on
// a page.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/listactivitylogs
func (s *AdminService) ActivityLogs(ctx context.Context, after, before Time, cursor string) (Page[AdminActivity], error) {
	r := safeRead("GET /admins/activity_logs").page(PageOptions{Cursor: cursor}, 0)
	r = r.param("created_at_after", strconv.FormatInt(int64(after), 10))
	if before != 0 {
		r = r.param("created_at_before", strconv.FormatInt(int64(before), 10))
	}
	return list[adminActivityWire](ctx, s.client, r)
}

type activityTypesWire struct {
	Types []string `json:"event_types"`
}

var errNoTypes = errors.New("the answer has no event_types")

func (w activityTypesWire) model() ([]string, error) {
	if w.Types == nil {
		return nil, errNoTypes
	}
	return w.Types, nil
}

// ActivityTypes returns the types of activities that Intercom logs, as
// AdminActivity.Type and AdminActivitySearch.Types have them. Versions before
// 2.16 lack it, so it is sent as 2.16 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/listactivitylogeventtypes
func (s *AdminService) ActivityTypes(ctx context.Context) ([]string, error) {
	return one[activityTypesWire](ctx, s.client, safeRead("GET /admins/activity_log_event_types").since(16, s.client.conn.version))
}

// AdminActivitySearch selects activities of admins.
type AdminActivitySearch struct {
	After   Time
	Before  Time     // 0 stands for now
	Types   []string // as AdminActivity.Type; nil for all
	PerPage int      // as PageOptions.PerPage
	Cursor  string   // as PageOptions.Cursor
}

// maxActivityLogs is how many activities of admins are on a page at most.
const maxActivityLogs = 250

type adminActivityBody struct {
	After   Time     `json:"created_at_after"`
	Before  Time     `json:"created_at_before,omitempty"`
	Types   []string `json:"event_types,omitempty"`
	Page    int      `json:"page,omitempty"`
	PerPage int      `json:"per_page,omitempty"`
}

// SearchActivityLogs finds what admins did, the newest first. Versions before
// 2.16 lack it, so it is sent as 2.16 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/searchactivitylogs
func (s *AdminService) SearchActivityLogs(ctx context.Context, search AdminActivitySearch) (Page[AdminActivity], error) {
	r := safeRead("POST /admins/activity_logs/search").since(16, s.client.conn.version)
	body := adminActivityBody{
		After: search.After, Before: search.Before, Types: search.Types, PerPage: min(search.PerPage, maxActivityLogs),
	}
	cursor, err := parseCursor(search.Cursor)
	if err == nil && cursor.Has("page") {
		body.Page, err = strconv.Atoi(cursor.Get("page"))
	}
	if err == nil && search.PerPage < 0 {
		err = fmt.Errorf("%d items per page", search.PerPage)
	}
	if err != nil {
		r = r.refuse(err)
	}
	return list[adminActivityWire](ctx, s.client, r.with(body))
}
