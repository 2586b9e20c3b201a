package intercom

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullContact is a contact with a value, or a shape, for everything.
const fullContact = `{"type":"contact","id":"c1","workspace_id":"w","external_id":"70","role":"user",
 "email":"joe@acme.com",
 "phone":null,"name":"Joe","avatar":{"type":"avatar","image_url":"https://x/y.png"},"owner_id":123,
 "social_profiles":{"type":"list","data":[{"type":"social_profile","name":"X","url":"https://x.com/joe"}]},
 "has_hard_bounced":true,"unsubscribed_from_emails":false,"created_at":1734537424,"last_seen_at":null,
 "signed_up_at":"1734537000",
 "location":{"type":"location","country":"Ireland","region":null,"city":"Dublin","country_code":null},
 "custom_attributes":{"big":9007199254740993,"rate":1.50,"ok":true,"none":null,"orders":{"type":"Order.list",
 "instances":[{"id":"21"}]}},
 "tags":{"type":"list","data":[{"type":"tag","id":"2","url":"/tags/2"},{"type":"tag","id":4}],
 "url":"/contacts/c1/tags","total_count":12,"has_more":true},
 "notes":{"type":"list","data":[],"total_count":0,"has_more":false},
 "companies":{"type":"list","data":[{"type":"company","id":"5ba6"}]},
 "opted_out_subscription_types":null,"some_new_key":{"a":1},"enabled_push_messaging":null}`

func TestContactModel(t *testing.T) {
	c, _ := newFake(t, Config{}, always(ok(fullContact)))
	got, err := c.Contacts.Get(background, "c1")
	if err != nil {
		t.Fatal(err)
	}
	want := Contact{
		ID: "c1", ExternalID: "70", Role: "user", Email: "joe@acme.com", Name: "Joe",
		Avatar: "https://x/y.png", OwnerID: "123", HasHardBounced: true, CreatedAt: Unix(1734537424),
		SignedUpAt: Unix(1734537000),
		Location:   Location{Country: "Ireland", City: "Dublin"},
		CustomAttributes: map[string]any{
			"big": json.Number("9007199254740993"), "rate": json.Number("1.50"), "ok": true, "none": nil,
			"orders": map[string]any{"type": "Order.list", "instances": []any{map[string]any{"id": "21"}}},
		},
		Tags:      RefList{IDs: []string{"2", "4"}, Total: 12, HasMore: true},
		Companies: RefList{IDs: []string{"5ba6"}, Total: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("contact (-want +got):\n%s", diff)
	}
}

func TestOtherModels(t *testing.T) {
	tests := []struct {
		name, body string
		call       func(*Client) (any, error)
		want       any
	}{
		{"tag of a contact", `{"data":[{"type":"tag","id":"80","name":"Manual","applied_at":1663597223,` +
			`"applied_by":{"type":"admin","id":"456"}}]}`,
			func(c *Client) (any, error) { return c.Contacts.Tags(background, "i1") },
			[]Tag{{ID: "80", Name: "Manual", AppliedAt: Unix(1663597223), AppliedBy: "456"}}},
		{"note", `{"type":"note","id":"31","created_at":1734537390,"contact":{"type":"contact","id":"c1"},` +
			`"company":null,"author":{"type":"admin","id":"99","name":"Ann","email":"a@b.c"},"body":"<p>Hello</p>"}`,
			func(c *Client) (any, error) { return c.Notes.Get(background, "31") },
			Note{ID: "31", CreatedAt: Unix(1734537390), ContactID: "c1", Author: NoteAuthor{"99", "Ann", "a@b.c"},
				Body: "<p>Hello</p>"}},
		{"note, old key", `{"type":"note","id":31,"user":{"id":"c1"},"author":null}`,
			func(c *Client) (any, error) { return c.Notes.Get(background, "31") }, Note{ID: "31", ContactID: "c1"}},
		{"segments", `{"type":"segment.list","segments":[{"type":"segment","id":"s","name":"Active",` +
			`"person_type":"user"}],"pages":{}}`,
			func(c *Client) (any, error) { return c.Segments.List(background) },
			[]Segment{{ID: "s", Name: "Active", PersonType: "user", Count: -1}}},
		{"me", `{"type":"admin","id":"99","email":"a@b.c","name":"Ann","email_verified":true,"app":{"type":"app",` +
			`"id_code":"w","name":"App","timezone":"Europe/Dublin","region":"EU"},"avatar":{"image_url":"https://x"},` +
			`"has_inbox_seat":true,"team_ids":[7]}`,
			func(c *Client) (any, error) { return c.Admins.Me(background) },
			Me{Admin: Admin{ID: "99", Email: "a@b.c", Name: "Ann", Avatar: "https://x", HasInboxSeat: true,
				TeamIDs: []string{"7"}},
				EmailVerified: true, App: App{ID: "w", Name: "App", Timezone: "Europe/Dublin", Region: "EU"}}},
		{"attributes", `{"data":[{"id":44,"name":"Ring","full_name":"custom_attributes.Ring","data_type":"string",` +
			`"options":["1-10",null,{"value":"11-20"},{"value":null},""],"custom":true,"api_writable":true,"model":"company","admin_id":"9"}]}`,
			func(c *Client) (any, error) { return c.DataAttributes.List(background, ModelCompany, false) },
			[]DataAttribute{{ID: "44", Name: "Ring", FullName: "custom_attributes.Ring", DataType: "string",
				Options: []string{"1-10", "11-20"},
				Custom:  true, APIWritable: true, Model: ModelCompany, AdminID: "9"}}},
		{"job", `{"id":"job_v2_1","type":"contacts.bulk.job","state":"completed_with_errors","completed_at":1713360120,` +
			`"tasks":[{"id":"t","item_count":3,"state":"completed_with_errors"}],` +
			`"url":"https://api.intercom.io/contacts/bulk/job_v2_1"}`,
			func(c *Client) (any, error) { return c.Bulk.Job(background, "job_v2_1") },
			Job{ID: "job_v2_1", Type: "contacts.bulk.job", State: JobCompletedWithErrors, CompletedAt: Unix(1713360120),
				Tasks: []JobTask{{ID: "t", ItemCount: 3, State: JobCompletedWithErrors}},
				URL:   "https://api.intercom.io/contacts/bulk/job_v2_1"}},
		{"tagging", `{"type":"tag","id":"105","name":"test","users":[{"id":"i1","tagged":true}],"companies":[]}`,
			func(c *Client) (any, error) {
				return c.Tags.Apply(background, "test", TagTargets{Contacts: []string{"i1", "gone"}})
			},
			Tagging{Tag: Tag{ID: "105", Name: "test"}, Confirmed: TagTargets{Contacts: []string{"i1"}}}},
		{"merge preview", `{"allowed":false,"reasons":[{"code":"no_shared_identifier","message":"m"}]}`,
			func(c *Client) (any, error) { return c.Contacts.PreviewMerge(background, Merge{From: "a", Into: "b"}) },
			MergePreview{Reasons: []MergeReason{{"no_shared_identifier", "m"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newFake(t, Config{}, always(ok(test.body)))
			got, err := test.call(c)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A good status with a body that is none of what was asked for is no success.
func TestBodiesOfAnotherKind(t *testing.T) {
	for _, body := range []string{`{}`, `[]`, `null`, `"ok"`, `{"id":null}`, `<html>`, contactBody + `{}`} {
		c, _ := newFake(t, Config{}, always(ok(body)))
		c = c.WithPriority(PriorityBulk)
		if err := result(c.Contacts.Create(background, ContactWrite{})); KindOf(err) != KindOutcomeUnknown {
			t.Errorf("%s: got %v", body, err)
		}
	}
}
