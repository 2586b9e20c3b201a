package intercom

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindByCompanyIDTakesNoOther(t *testing.T) {
	c, _ := newFake(t, Config{}, always(ok(`{"type":"list","data":[{"type":"company","id":"x","company_id":"other"}]}`)))
	if err := result(c.Companies.FindByCompanyID(background, "6")); KindOf(err) != KindNotFound {
		t.Errorf("got %v", err)
	}
}

func TestCompanyModel(t *testing.T) {
	const body = `{"type":"company","id":"531e","name":"Blue Sun","plan":{"type":"plan","id":"33574","name":"premium"},
 "company_id":"6",
 "remote_created_at":1394531169,"created_at":1394533506,"size":"85","monthly_spend":49.0,"user_count":10,
 "custom_attributes":{"paid":true,"seats":0},"tags":{"type":"tag.list","tags":[{"id":"17513","name":"independent",
 "type":"tag"}]},
 "segments":{"type":"segment.list","segments":[{"type":"segment","id":"5320","name":"New","count":148}]},
 "notes":{"type":"note.list","data":[],"has_more":false}}`
	want := Company{
		ID: "531e", CompanyID: "6", Name: "Blue Sun", Plan: "premium", CreatedAt: Unix(1394533506),
		Size: new(int64(85)), MonthlySpend: new(int64(49)), UserCount: 10, CustomAttributes: map[string]any{"paid": true,
			"seats": json.Number("0")},
		Tags: []Tag{{ID: "17513", Name: "independent"}}, Segments: []Segment{{ID: "5320", Name: "New", Count: 148}},
	}
	for name, answer := range map[string]string{"the company itself": body,
		"a list": `{"type":"list","data":[` + body + `],"pages":{"next":null},"total_count":1}`} {
		c, _ := newFake(t, Config{}, always(ok(answer)))
		got, err := c.Companies.FindByCompanyID(background, "6")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
