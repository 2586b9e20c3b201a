package intercom

import (
	"context"
	"errors"
)

// Banner is a message to be shown to a contact, as one view of it. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/banners/banner
type Banner struct {
	ID          string
	ViewID      string // of the contact's view, for DismissBanner
	Title       string // "" for none
	Body        string // HTML
	Style       string // as "inline"
	Position    string // as "top"
	ShowDismiss bool   // the contact can close it
	Action      *BannerAction
	CreatedAt   Time // of the view
}

// BannerAction is what a contact can do about a banner. Which fields it has
// depends on its Type.
type BannerAction struct {
	Type      string           `json:"type"`         // "url", "reaction", "email_collector" or "product_tour"
	Label     string           `json:"label"`        // of a url: what its link says
	Target    string           `json:"target"`       // of a url
	Reactions []BannerReaction `json:"reaction_set"` // of a reaction: those to choose from
	TourID    string           `json:"tour_id"`      // of a product_tour
	TourURL   string           `json:"tour_url"`     // of a product_tour
}

// BannerReaction is an emoji that a contact can answer a banner with.
type BannerReaction struct {
	Index int    `json:"index"` // from 0
	Emoji string `json:"unicode_emoticon"`
}

type bannerWire struct {
	ID                looseString   `json:"id"`
	ViewID            looseString   `json:"view_id"`
	Title             string        `json:"title"`
	Body              string        `json:"body"`
	Style             string        `json:"style"`
	Position          string        `json:"position"`
	ShowDismissButton bool          `json:"show_dismiss_button"`
	Action            *BannerAction `json:"action"`
	CreatedAt         Time          `json:"created_at"`
}

func (w bannerWire) model() (Banner, error) {
	if w.ID == "" || w.ViewID == "" {
		return Banner{}, errNoID
	}
	return Banner{
		ID: string(w.ID), ViewID: string(w.ViewID), Title: w.Title, Body: w.Body, Style: w.Style, Position: w.Position,
		ShowDismiss: w.ShowDismissButton, Action: w.Action, CreatedAt: w.CreatedAt,
	}, nil
}

// Banners returns the banners that a contact is to see now. It is no mere
// read: Intercom takes each banner that it returns for shown, and records an
// impression of it. So it is to be called when they are about to be displayed,
// and is not repeated when its answer got lost: the error is then of
// KindOutcomeUnknown. Versions before 2.16 lack it, so it is sent as 2.16
// there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/banners/listcontactbanners
func (s *ContactService) Banners(ctx context.Context, id string) ([]Banner, error) {
	return every[bannerWire](ctx, s.client, onceOnly("GET /contacts/{id}/banners", id).since(16, s.client.conn.version))
}

type bannerDismissWire struct {
	ViewID    looseString `json:"view_id"`
	Dismissed bool        `json:"dismissed"`
}

var errNotDismissed = errors.New("the banner is not dismissed")

func (w bannerDismissWire) model() (string, error) {
	switch {
	case w.ViewID == "":
		return "", errNoID
	case !w.Dismissed:
		return "", errNotDismissed
	}
	return string(w.ViewID), nil
}

// DismissBanner records that a contact closed a banner, which it then sees
// nowhere any more. The view is named by Banner.ViewID; dismissing it twice
// does no harm. Versions before 2.16 lack it, so it is sent as 2.16 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/banners/dismisscontactbanner
func (s *ContactService) DismissBanner(ctx context.Context, id, viewID string) error {
	r := idempotent("POST /contacts/{id}/banners/{view_id}/dismiss", id, viewID).since(16, s.client.conn.version)
	_, err := one[bannerDismissWire](ctx, s.client, r)
	return err
}
