package sandbox

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBannersMatch holds who sees which banners.
func TestBannersMatch(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	for body, want := range map[string][]string{
		`{"external_id":"u"}`: {"486517"},
		`{"external_id":"t","custom_attributes":{"plan":"trial"}}`: {"486517", "486518"},
		`{"role":"lead"}`: {"486519"},
	} {
		id := c.ok("POST", "/contacts", body).text("id")
		if got := c.ok("GET", "/contacts/"+id+"/banners", "").ids(); !slices.Equal(got, want) {
			t.Errorf("%s sees %v, want %v", body, got, want)
		}
	}
	c.refused("GET", "/contacts/nobody/banners", "", 404, "not_found", "User Not Found")
}

// TestBannerViews holds that listing banners is recorded, that what was
// dismissed is gone for this contact alone, and that dismissing can be
// repeated.
func TestBannerViews(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	user := func(id string) string {
		body := fmt.Sprintf(`{"external_id":%q,"custom_attributes":{"plan":"trial"}}`, id)
		return c.ok("POST", "/contacts", body).text("id")
	}
	id, other := user("one"), user("two")
	before := c.Snapshot()
	first := c.ok("GET", "/contacts/"+id+"/banners", "")
	if bytes.Equal(before, c.Snapshot()) {
		t.Error("an impression is not in the snapshot")
	}
	c.Advance(time.Hour)
	again := c.ok("GET", "/contacts/"+id+"/banners", "")
	if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
		t.Errorf("seen again (-before +now):\n%s", diff)
	}
	view, theirs := first.text("data.0.view_id"), c.ok("GET", "/contacts/"+other+"/banners", "").text("data.0.view_id")
	dismiss := "/contacts/" + id + "/banners/" + view + "/dismiss"
	for range 2 {
		a := c.ok("POST", dismiss, "")
		if want := fmt.Sprintf(`{"type":"banner_dismiss","view_id":%q,"dismissed":true}`, view); string(a.body) != want {
			t.Errorf("dismissed: %s, want %s", a.body, want)
		}
		if got := c.ok("GET", "/contacts/"+id+"/banners", "").ids(); !slices.Equal(got, []string{"486518"}) {
			t.Errorf("%v are left", got)
		}
	}
	if got := len(c.ok("GET", "/contacts/"+other+"/banners", "").ids()); got != 2 {
		t.Errorf("the other contact sees %d banners", got)
	}
	want := []BannerView{
		{ID: view, BannerID: "486517", CreatedAt: noon.Unix(), Impressions: 2, Dismissed: true},
		{ID: first.text("data.1.view_id"), BannerID: "486518", CreatedAt: noon.Unix(), Impressions: 4},
	}
	if diff := cmp.Diff(want, c.BannerViews(id)); diff != "" {
		t.Errorf("views (-want +got):\n%s", diff)
	}
	for _, none := range []string{"1", theirs} {
		c.refused("POST", "/contacts/"+id+"/banners/"+none+"/dismiss", "", 404, "not_found", "Resource Not Found")
	}
	c.refused("POST", "/contacts/nobody/banners/"+view+"/dismiss", "", 404, "not_found", "User Not Found")
	c.FailContact(id, "data_invalid", "no")
	c.refused("POST", dismiss, "", 422, "data_invalid", "no")
}
