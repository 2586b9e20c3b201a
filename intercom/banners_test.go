package intercom_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// A banner is shown until the contact dismisses it, by either role and in each
// version that has banners.
func TestBanners(t *testing.T) {
	for _, version := range []string{"2.16", "Preview"} {
		for _, role := range []string{"user", "lead"} {
			c, sb := open(t, sandbox.Options{}, version)
			contact := named(t, sb, func(c sandbox.Contact) bool { return live(c) && c.Role == role }).ID
			shown := must[[]intercom.Banner](t)(c.Contacts.Banners(t.Context(), contact))
			if len(shown) == 0 {
				t.Fatalf("a %s sees no banner in %s", role, version)
			}
			for range 2 {
				if err := c.Contacts.DismissBanner(t.Context(), contact, shown[0].ViewID); err != nil {
					t.Fatal(err)
				}
			}
			left := must[[]intercom.Banner](t)(c.Contacts.Banners(t.Context(), contact))
			if !slices.EqualFunc(left, shown[1:], func(a, b intercom.Banner) bool { return a.ViewID == b.ViewID }) {
				t.Errorf("a %s in %s saw %+v, and %+v after it dismissed the first", role, version, shown, left)
			}
			if err := c.Contacts.DismissBanner(t.Context(), contact, "1"); intercom.KindOf(err) != intercom.KindNotFound {
				t.Errorf("a view that is none: %v", err)
			}
		}
	}
}

// Listing banners is not repeated when its answer got lost, for it recorded
// impressions; dismissing one is, for it does no harm.
func TestBannersOfLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, sb := open(t, sandbox.Options{}, "2.16")
		contact := named(t, sb, live).ID
		sb.AddFault(sandbox.Fault{Path: "/contacts/*/banners", ResetAfter: true, Times: 1})
		sb.AddFault(sandbox.Fault{Path: "/contacts/*/banners/*/dismiss", ResetAfter: true, Times: 1})
		if _, err := c.Contacts.Banners(t.Context(), contact); intercom.KindOf(err) != intercom.KindOutcomeUnknown {
			t.Errorf("got %v", err)
		}
		views := sb.BannerViews(contact)
		if len(views) == 0 || views[0].Impressions != 1 {
			t.Fatalf("recorded %+v", views)
		}
		if err := c.Contacts.DismissBanner(t.Context(), contact, views[0].ID); err != nil {
			t.Error(err)
		}
		if views := sb.BannerViews(contact); !views[0].Dismissed {
			t.Errorf("not dismissed: %+v", views)
		}
	})
}
