package intercom

import (
	"context"
	"errors"
)

// AdminService calls the endpoints of admins.
type AdminService service

// Admin is a teammate. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/admin
type Admin struct {
	ID               string
	Name             string
	Email            string
	JobTitle         string
	Avatar           string // URL of a picture
	AwayModeEnabled  bool
	AwayModeReassign bool
	HasInboxSeat     bool
	TeamIDs          []string
}

// Me is the admin that the access token belongs to, and its workspace.
type Me struct {
	Admin         Admin
	EmailVerified bool
	App           App
}

// App is a workspace.
type App struct {
	ID                   string `json:"id_code" odd:"never"`
	Name                 string `json:"name"`
	CreatedAt            Time   `json:"created_at"`
	Secure               bool   `json:"secure"`
	IdentityVerification bool   `json:"identity_verification"`
	Timezone             string `json:"timezone"` // IANA name
	Region               string `json:"region"`   // "US", "EU" or "AU"
}

type adminWire struct {
	ID               looseString   `json:"id" record:"admin"`
	Name             string        `json:"name"`
	Email            string        `json:"email"`
	JobTitle         string        `json:"job_title"`
	Avatar           picture       `json:"avatar"`
	AwayModeEnabled  bool          `json:"away_mode_enabled"`
	AwayModeReassign bool          `json:"away_mode_reassign"`
	HasInboxSeat     bool          `json:"has_inbox_seat"`
	TeamIDs          []looseString `json:"team_ids"`
}

func (w adminWire) model() (Admin, error) {
	if w.ID == "" {
		return Admin{}, errNoID
	}
	admin := Admin{
		ID: string(w.ID), Name: w.Name, Email: w.Email, JobTitle: w.JobTitle, Avatar: string(w.Avatar),
		AwayModeEnabled: w.AwayModeEnabled, AwayModeReassign: w.AwayModeReassign, HasInboxSeat: w.HasInboxSeat,
	}
	for _, id := range w.TeamIDs {
		admin.TeamIDs = append(admin.TeamIDs, string(id))
	}
	return admin, nil
}

// errNoApp is the answer to a token that belongs to no workspace.
var errNoApp = errors.New("the access token belongs to no workspace: app is null, or has no id_code")

type meWire struct {
	adminWire
	EmailVerified bool `json:"email_verified"`
	App           App  `json:"app" odd:"never"`
}

func (w meWire) model() (Me, error) {
	admin, err := w.adminWire.model()
	if err == nil && w.App.ID == "" {
		err = errNoApp
	}
	return Me{Admin: admin, EmailVerified: w.EmailVerified, App: w.App}, err
}

// Me returns the admin and the workspace of the access token.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/identifyadmin
func (s *AdminService) Me(ctx context.Context) (Me, error) {
	return one[meWire](ctx, s.client, safeRead("GET /me"))
}

// List returns all admins of the workspace.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/listadmins
func (s *AdminService) List(ctx context.Context) ([]Admin, error) {
	return every[adminWire](ctx, s.client, safeRead("GET /admins"))
}

// Get returns an admin.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/retrieveadmin
func (s *AdminService) Get(ctx context.Context, id string) (Admin, error) {
	return one[adminWire](ctx, s.client, safeRead("GET /admins/{id}", id))
}

// Away is whether an admin is away.
type Away struct {
	Enabled  bool  `json:"away_mode_enabled"`
	Reassign bool  `json:"away_mode_reassign"`              // give replies to the default inbox meanwhile
	ReasonID int64 `json:"away_status_reason_id,omitempty"` // 0 for none; from 2.14 on
}

// SetAway sends an admin away, or calls it back.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/setawayadmin
func (s *AdminService) SetAway(ctx context.Context, id string, away Away) (Admin, error) {
	return one[adminWire](ctx, s.client, absolute("PUT /admins/{id}/away", id).answering(id).with(away))
}
