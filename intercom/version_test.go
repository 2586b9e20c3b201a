package intercom

import "testing"

func TestVersions(t *testing.T) {
	tests := []struct {
		text    string
		before  map[int]bool
		numeric bool
		sent    string
	}{
		{"", map[int]bool{13: false, 16: false, 17: true}, false, "2.16"},
		{"2.15", map[int]bool{13: false, 16: true}, true, "2.15"},
		{"2.7", map[int]bool{13: true, 16: true, 7: false}, true, "2.7"},
		{"1.4", map[int]bool{0: true, 13: true}, true, "1.4"},
		{"10.0", map[int]bool{0: false, 99: false}, false, "10.0"},
		{"2.17", map[int]bool{16: false, 17: false}, false, "2.17"},
		{"preview", map[int]bool{16: false, 99: false}, false, "Preview"},
		{"Unstable", map[int]bool{99: false}, false, "Preview"},
	}
	for _, test := range tests {
		v, err := parseVersion(test.text)
		if err != nil || string(v) != test.sent || v.numericOwner() != test.numeric {
			t.Errorf("%q: got %q, %v, numeric owner %t", test.text, v, err, v.numericOwner())
		}
		for minor, want := range test.before {
			if got := v.before(minor); got != want {
				t.Errorf("%q before 2.%d: %t", test.text, minor, got)
			}
		}
	}
}

func TestRequestsByVersion(t *testing.T) {
	owner := ContactWrite{OwnerID: Value("321")}
	byOwner := SearchRequest{Query: Group{Or, []Query{Filter{"owner_id", Equal, "321"},
		Filter{"owner_id", In, []string{"1", "2"}}, Filter{"owner_id", NotIn, []any{"3"}}}}}
	tests := []struct {
		name, version string
		call          func(*Client) error
		answer        string
		path, body    string
	}{
		{"owner, number", "2.15", func(c *Client) error { return result(c.Contacts.Update(background, "i1", owner)) },
			contactBody,
			"/contacts/i1", `{"owner_id":321}`},
		{"owner, string", "2.16", func(c *Client) error { return result(c.Contacts.Create(background, owner)) }, contactBody,
			"/contacts", `{"owner_id":"321"}`},
		{"no owner", "2.15", func(c *Client) error {
			return result(c.Contacts.Update(background, "i1", ContactWrite{OwnerID: Null[string]()}))
		}, contactBody, "/contacts/i1", `{"owner_id":null}`},
		{"owner in bulk", "2.15", func(c *Client) error {
			return result(c.Bulk.Update(background, []BulkContact{{ID: "i1", OwnerID: Value("321")}}))
		}, jobBody, "/contacts/bulk", `{"contacts":[{"id":"i1","owner_id":"321"}]}`},
		{"search by owner, numbers", "2.15", func(c *Client) error { return result(c.Contacts.Search(background, byOwner)) },
			listBody,
			"/contacts/search", `{"query":{"operator":"OR","value":[{"field":"owner_id","operator":"=","value":321},` +
				`{"field":"owner_id","operator":"IN","value":[1,2]},` +
				`{"field":"owner_id","operator":"NIN","value":[3]}]},"pagination":{}}`},
		{"search by owner, strings", "2.16", func(c *Client) error { return result(c.Contacts.Search(background, byOwner)) },
			listBody,
			"/contacts/search", `{"query":{"operator":"OR","value":[{"field":"owner_id","operator":"=","value":"321"},` +
				`{"field":"owner_id","operator":"IN","value":["1","2"]},` +
				`{"field":"owner_id","operator":"NIN","value":["3"]}]},"pagination":{}}`},
		{"merge without a check", "2.15", func(c *Client) error {
			return result(c.Contacts.Merge(background, Merge{From: "a", Into: "i1", SkipDuplicateCheck: true}))
		}, contactBody, "/contacts/merge", `{"from":"a","into":"i1"}`},
		{"merge of users, always checked", "2.16", func(c *Client) error {
			return result(c.Contacts.Merge(background, Merge{From: "a", Into: "i1", Users: true, SkipDuplicateCheck: true}))
		}, contactBody, "/contacts/merge", `{"from":"a","into":"i1"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, f := newFake(t, Config{Version: test.version}, always(ok(test.answer)))
			if err := test.call(c); err != nil {
				t.Fatal(err)
			}
			if got := f.sent()[0]; got.Path != test.path || got.Body != test.body {
				t.Errorf("got  %s %s\nwant %s %s", got.Path, got.Body, test.path, test.body)
			}
		})
	}
}

// TestSentAsTheLowestVersion makes each call that older versions lack.
func TestSentAsTheLowestVersion(t *testing.T) {
	for name, test := range map[string]struct {
		lowest string
		call   func(*Client) error
		answer string
	}{
		"find by external id": {"2.13", func(c *Client) error { return result(c.Contacts.FindByExternalID(background, "x")) },
			contactBody},
		"block": {"2.13", func(c *Client) error { return c.Contacts.Block(background, "i1") }, contactBody},
		"notes of a company": {"2.15", func(c *Client) error {
			return result(c.Notes.OfCompany(background, "i2",
				PageOptions{}))
		}, listBody},
		"note on a company": {"2.16", func(c *Client) error {
			return result(c.Notes.AddToCompany(background, "i2", NoteWrite{Body: "b"}))
		}, `{"id":"1"}`},
		"merge history": {"2.16", func(c *Client) error {
			return result(c.Contacts.MergeHistory(background, "i1",
				PageOptions{}))
		}, listBody},
	} {
		t.Run(name, func(t *testing.T) {
			for _, version := range []string{"2.10", test.lowest, "2.17", "Preview"} {
				want := version
				if version == "2.10" {
					want = test.lowest
				}
				c, f := newFake(t, Config{Version: version}, always(ok(test.answer)))
				if err := test.call(c); err != nil {
					t.Fatal(err)
				}
				if got := f.sent()[0].Header.Get("Intercom-Version"); got != want {
					t.Errorf("with %s, sent as %s", version, got)
				}
			}
		})
	}
}

func TestTaggingBeforeItWasConfirmed(t *testing.T) {
	c, _ := newFake(t, Config{Version: "2.15"}, always(ok(`{"type":"tag","id":"1","name":"t"}`)))
	got, err := c.Tags.Apply(background, "t", TagTargets{Contacts: []string{"a"}})
	if err != nil || len(got.Confirmed.Contacts) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLanguageIsSentAsPreview(t *testing.T) {
	c, f := newFake(t, Config{Version: "2.15"}, always(ok(contactBody)))
	write := ContactWrite{LanguageOverride: Value("de"), OwnerID: Value("321")}
	if err := result(c.Contacts.Update(background, "i1", write)); err != nil {
		t.Fatal(err)
	}
	got := f.sent()[0]
	if version := got.Header.Get("Intercom-Version"); version != "Preview" ||
		got.Body != `{"owner_id":"321","language_override":"de"}` {
		t.Errorf("sent as %s: %s", version, got.Body)
	}
}
