package sandbox

import "slices"

// banner is a message that is shown to the contacts it matches.
type banner struct {
	id          string
	title, body string // the title may be empty; the body is HTML
	style       string // "inline" or "floating"
	position    string // "top" or "bottom"
	dismissible bool   // shows a button to dismiss it
	action      any    // urlActionJSON, reactionActionJSON, or nil for none
	matches     func(*Contact) bool
}

// BannerView is a contact's view of a banner. It begins with the first
// impression.
type BannerView struct {
	ID          string
	BannerID    string
	CreatedAt   int64 // Unix seconds
	Impressions int   // how often the banner was listed for the contact
	Dismissed   bool  // for good
}

// bannerJSON is a banner on the wire, in a contact's view of it. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/banners/banner
type bannerJSON struct {
	Type              string       `json:"type"`
	ID                string       `json:"id"`
	ViewID            string       `json:"view_id"`
	Title             null[string] `json:"title"`
	Body              string       `json:"body"`
	Style             string       `json:"style"`
	Position          string       `json:"position"`
	ShowDismissButton bool         `json:"show_dismiss_button"`
	Action            any          `json:"action"`
	ClientTargeting   any          `json:"client_targeting"` // always null: Intercom reserves it
	CreatedAt         int64        `json:"created_at"`
}

// urlActionJSON is a link in a banner.
type urlActionJSON struct {
	Type   string `json:"type"`
	Label  string `json:"label"`
	Target string `json:"target"`
}

// reactionActionJSON are the emojis to answer a banner with.
type reactionActionJSON struct {
	Type      string         `json:"type"`
	Reactions []reactionJSON `json:"reaction_set"`
}

type reactionJSON struct {
	Index int    `json:"index"`
	Emoji string `json:"unicode_emoticon"`
}

func (b *banner) json(v *BannerView) bannerJSON {
	return bannerJSON{
		Type: "banner", ID: b.id, ViewID: v.ID, Title: orNull(b.title), Body: b.body, Style: b.style, Position: b.position,
		ShowDismissButton: b.dismissible, Action: b.action, CreatedAt: v.CreatedAt,
	}
}

// viewOf returns a contact's view of a banner, a new one if need be.
func (q *request) viewOf(c *contact, b *banner) *BannerView {
	i := slices.IndexFunc(c.views, func(v *BannerView) bool { return v.BannerID == b.id })
	if i >= 0 {
		return c.views[i]
	}
	v := &BannerView{ID: q.nextDecimal(), BannerID: b.id, CreatedAt: q.now()}
	c.views = append(c.views, v)
	return v
}

// listContactBanners is GET /contacts/{id}/banners: those that the contact
// matches and did not dismiss. Listing is an impression of each, and so takes
// the scope of writes.
func listContactBanners(q *request) (any, error) {
	c, err := q.find(q.vars["id"])
	if err != nil {
		return nil, err
	}
	var shown []bannerJSON
	for _, b := range q.banners {
		if !b.matches(&c.Contact) {
			continue
		}
		if v := q.viewOf(c, b); !v.Dismissed {
			v.Impressions++
			shown = append(shown, b.json(v))
		}
	}
	return wholeList(shown), nil
}

// bannerDismissJSON is the answer to a dismissal.
type bannerDismissJSON struct {
	Type      string `json:"type"`
	ViewID    string `json:"view_id"`
	Dismissed bool   `json:"dismissed"`
}

// dismissContactBanner is POST /contacts/{id}/banners/{view_id}/dismiss. A
// second dismissal is answered as the first.
func dismissContactBanner(q *request) (any, error) {
	c, err := q.writable(q.vars["id"])
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.views, func(v *BannerView) bool { return v.ID == q.vars["view_id"] })
	if i < 0 {
		return nil, errResourceNotFound
	}
	v := c.views[i]
	v.Dismissed = true
	return bannerDismissJSON{"banner_dismiss", v.ID, v.Dismissed}, nil
}
