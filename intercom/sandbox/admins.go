package sandbox

import (
	"net/http"
)

// Admin is a teammate of the workspace.
type Admin struct {
	ID       string
	Name     string
	Email    string
	JobTitle string
	Avatar   string // URL
	TeamIDs  []int
	RoleID   string
	Role     string

	HasInboxSeat     bool
	AwayModeEnabled  bool
	AwayModeReassign bool
	AwayReasonID     int64 // 0 for none
}

// adminJSON is an admin on the wire. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/admin
type adminJSON struct {
	Type             string   `json:"type"`
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	Email            string   `json:"email"`
	JobTitle         string   `json:"job_title,omitempty"`
	AwayModeEnabled  bool     `json:"away_mode_enabled"`
	AwayModeReassign bool     `json:"away_mode_reassign"`
	HasInboxSeat     bool     `json:"has_inbox_seat"`
	AwayReasonID     optional `json:"away_status_reason_id,omitzero"`
	TeamIDs          []int    `json:"team_ids"`
	Avatar           optional `json:"avatar,omitzero"`
	TeamPriority     optional `json:"team_priority_level,omitzero"`
	Role             optional `json:"role,omitzero"`
}

// authorJSON is an admin as the author of a note.
type authorJSON struct {
	Type             string `json:"type"`
	ID               string `json:"id"`
	Name             string `json:"name"`
	Email            string `json:"email"`
	AwayModeEnabled  bool   `json:"away_mode_enabled"`
	AwayModeReassign bool   `json:"away_mode_reassign"`
}

// teamPriorityJSON is how an admin belongs to teams: all are primary here.
type teamPriorityJSON struct {
	Primary   []int `json:"primary_team_ids"`
	Secondary []int `json:"secondary_team_ids"`
}

// roleJSON is what an admin may do.
type roleJSON struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// meJSON is the token's admin with the workspace's app.
type meJSON struct {
	Type          string     `json:"type"`
	ID            string     `json:"id"`
	Email         string     `json:"email"`
	Name          string     `json:"name"`
	EmailVerified bool       `json:"email_verified"`
	App           appJSON    `json:"app"`
	Avatar        avatarJSON `json:"avatar"`
	HasInboxSeat  bool       `json:"has_inbox_seat"`
	Role          optional   `json:"role,omitzero"`
}

type appJSON struct {
	Type                 string `json:"type"`
	IDCode               string `json:"id_code"`
	Name                 string `json:"name"`
	CreatedAt            int64  `json:"created_at"`
	Secure               bool   `json:"secure"`
	IdentityVerification bool   `json:"identity_verification"`
	Timezone             string `json:"timezone"`
	Region               string `json:"region"`
}

func (v view) admin(a *Admin) adminJSON {
	return adminJSON{
		Type: "admin", ID: a.ID, Name: a.Name, Email: a.Email, JobTitle: a.JobTitle,
		AwayModeEnabled: a.AwayModeEnabled, AwayModeReassign: a.AwayModeReassign, HasInboxSeat: a.HasInboxSeat,
		AwayReasonID: optional{v.q.version >= v214, orNull(a.AwayReasonID)},
		TeamIDs:      a.TeamIDs,
		Avatar:       optional{v.q.flag("display_avatar"), orNull(a.Avatar)},
		TeamPriority: optional{v.q.version >= v216, teamPriorityJSON{a.TeamIDs, []int{}}},
		Role:         optional{v.q.version >= v216, roleJSON{"role", a.RoleID, a.Role}},
	}
}

func (a *Admin) authorJSON() authorJSON {
	return authorJSON{"admin", a.ID, a.Name, a.Email, a.AwayModeEnabled, a.AwayModeReassign}
}

// adminList is the admins of the workspace; the first is the tokens' own.
type adminList []*Admin

// byID returns an admin, or nil.
func (l adminList) byID(id string) *Admin {
	return first(l, func(a *Admin) bool { return a.ID == id })
}

// getMe is GET /me.
func getMe(q *request) (any, *apiError) {
	a := q.space.admins[0]
	return meJSON{
		Type: "admin", ID: a.ID, Email: a.Email, Name: a.Name, EmailVerified: true,
		App: appJSON{
			Type: "app", IDCode: q.space.id, Name: "Sandbox", CreatedAt: q.space.createdAt,
			Timezone: q.space.zone.String(), Region: q.space.region,
		},
		Avatar:       avatarJSON{"avatar", a.Avatar},
		HasInboxSeat: a.HasInboxSeat,
		Role:         optional{q.version >= preview, roleJSON{"role", a.RoleID, a.Role}},
	}, nil
}

// listAdmins is GET /admins.
func listAdmins(q *request) (any, *apiError) {
	admins := []adminJSON{}
	for _, a := range q.space.admins {
		admins = append(admins, view{q}.admin(a))
	}
	return struct {
		Type   string      `json:"type"`
		Admins []adminJSON `json:"admins"`
	}{"admin.list", admins}, nil
}

// getAdmin is GET /admins/{id}.
func getAdmin(q *request) (any, *apiError) {
	a := q.space.admins.byID(q.vars["id"])
	if a == nil {
		return nil, fail(http.StatusNotFound, "admin_not_found", "Admin not found")
	}
	return view{q}.admin(a), nil
}

// setAway is PUT /admins/{id}/away.
func setAway(q *request) (any, *apiError) {
	a := q.space.admins.byID(q.vars["id"])
	if a == nil {
		return nil, fail(http.StatusNotFound, "admin_not_found", "Admin for admin_id not found")
	}
	enabled, ok := truth(q.body.value("away_mode_enabled"))
	if !ok {
		return nil, invalidField("away_mode_enabled")
	}
	reassign, ok := truth(q.body.value("away_mode_reassign"))
	if !ok {
		return nil, invalidField("away_mode_reassign")
	}
	var reason int64
	if raw, ok := q.body.given("away_status_reason_id"); ok && q.version >= v214 {
		if reason, ok = whole(raw); !ok {
			return nil, invalidField("away_status_reason_id")
		}
	}
	a.AwayModeEnabled, a.AwayModeReassign, a.AwayReasonID = enabled, enabled && reassign, reason
	return view{q}.admin(a), nil
}
