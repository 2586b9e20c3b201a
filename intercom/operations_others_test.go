package intercom

import "context"

var companyOperations = []operation{
	{"Companies.Get", "GET /companies/i1", "", classRead, false, `{"type":"company","id":"i1"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Companies.Get(ctx, id[0])) }},
	{"Companies.FindByCompanyID", "GET /companies?company_id=k", "", classRead, false, companyBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Companies.FindByCompanyID(ctx, "k"))
		}},
	{"Companies.FindByName", "GET /companies?name=a+%26+b", "", classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Companies.FindByName(ctx, "a & b"))
		}},
	{"Companies.List", "POST /companies/list?per_page=60", "", classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Companies.List(ctx, PageOptions{PerPage: 150}))
		}},
	{"Companies.All", "POST /companies/list", "", classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return drain(c.Companies.All(ctx, PageOptions{}))
		}},
	{"Companies.Contacts", "GET /companies/i1/contacts?starting_after=a%0Ab", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Companies.Contacts(ctx, id[0], PageOptions{Cursor: "starting_after=a%0Ab"}))
		}},
	{"Companies.ContactsAll", "GET /companies/i1/contacts", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return drain(c.Companies.ContactsAll(ctx, id[0], PageOptions{}))
		}},
	{"Companies.ListTagged", "GET /companies?tag_id=i1", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Companies.ListTagged(ctx, id[0], PageOptions{}))
		}},
	{"Companies.ListInSegment", "GET /companies?segment_id=i1", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Companies.ListInSegment(ctx, id[0], PageOptions{}))
		}},
	{"Companies.ScrollAll", "GET /companies/scroll", "", classScroll, false,
		`{"type":"list","data":[],"pages":null,"total_count":null,"scroll_param":"s"}`, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return drain(c.Companies.ScrollAll(ctx)) }},
	{"Companies.Segments", "GET /companies/i1/segments", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Companies.Segments(ctx, id[0]))
		}},
	{"Notes.OfCompany", "GET /companies/i1/notes", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Notes.OfCompany(ctx, id[0], PageOptions{}))
		}},
	{"Notes.OfCompanyAll", "GET /companies/i1/notes", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return drain(c.Notes.OfCompanyAll(ctx, id[0], PageOptions{}))
		}},
	{"Notes.AddToCompany", "POST /companies/i1/notes", `{"body":"b"}`, classOnce, false, noteBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Notes.AddToCompany(ctx, id[0], NoteWrite{Body: "b"}))
		}},
	{"Companies.Save", "POST /companies", `{"company_id":"k","plan":"Pro"}`, classAbsolute, false, companyBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Companies.Save(ctx, CompanyWrite{CompanyID: Value("k"), Plan: Value("Pro")}))
		}},
	{"Companies.Update", "PUT /companies/i1", `{"size":5}`, classAbsolute, false, `{"type":"company","id":"i1"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Companies.Update(ctx, id[0], CompanyWrite{Size: Value[int64](5)}))
		}},
	{"Companies.Delete", "DELETE /companies/i1", "", classIdempotent, false,
		`{"id":"i1","object":"company","deleted":true}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return c.Companies.Delete(ctx, id[0]) }},
}

var otherOperations = []operation{
	{"Tags.List", "GET /tags", "", classRead, false, tagsBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Tags.List(ctx)) }},
	{"Tags.Get", "GET /tags/i1", "", classRead, false, `{"type":"tag","id":"i1","name":"t"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Tags.Get(ctx, id[0])) }},
	{"Tags.Create", "POST /tags", `{"name":"t"}`, classIdempotent, false, tagOne, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Tags.Create(ctx, "t")) }},
	{"Tags.Rename", "POST /tags", `{"id":"i1","name":"t"}`, classAbsolute, false, tagOne, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Tags.Rename(ctx, id[0], "t"))
		}},
	{"Tags.Delete", "DELETE /tags/i1", "", classIdempotent, false, "", 1,
		func(ctx context.Context, c *Client, id [2]string) error { return c.Tags.Delete(ctx, id[0]) }},
	{"Tags.Apply", "POST /tags", `{"name":"t","users":[{"id":"i1"}],"companies":[{"id":"i2"}]}`, classIdempotent, false,
		tagOne, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Tags.Apply(ctx, "t", TagTargets{Contacts: id[:1], Companies: id[1:]}))
		}},
	{"Tags.Remove", "POST /tags", `{"name":"t","users":[{"id":"i1","untag":true}],"companies":[{"id":"i2","untag":true}]}`,
		classIdempotent, false, tagOne, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Tags.Remove(ctx, "t", TagTargets{Contacts: id[:1], Companies: id[1:]}))
		}},
	{"Notes.Get", "GET /notes/i1", "", classRead, false, `{"type":"note","id":"i1"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Notes.Get(ctx, id[0])) }},
	{"Segments.List", "GET /segments", "", classRead, false, `{"type":"segment.list","segments":[{"id":"1"}],"pages":{}}`,
		0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Segments.List(ctx)) }},
	{"Segments.ListCounted", "GET /segments?include_count=true", "", classRead, false,
		`{"type":"segment.list","segments":[]}`, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Segments.ListCounted(ctx)) }},
	{"Segments.Get", "GET /segments/i1", "", classRead, false, `{"type":"segment","id":"i1"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Segments.Get(ctx, id[0])) }},
	{"Admins.Me", "GET /me", "", classRead, false, `{"type":"admin","id":"1","app":{"id_code":"w"}}`, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Admins.Me(ctx)) }},
	{"Admins.List", "GET /admins", "", classRead, false, `{"type":"admin.list","admins":[{"id":"1"}]}`, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Admins.List(ctx)) }},
	{"Admins.Get", "GET /admins/i1", "", classRead, false, `{"type":"admin","id":"i1"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Admins.Get(ctx, id[0])) }},
	{"Admins.SetAway", "PUT /admins/i1/away", `{"away_mode_enabled":true,"away_mode_reassign":false}`, classAbsolute,
		false, `{"type":"admin","id":"i1"}`, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Admins.SetAway(ctx, id[0], Away{Enabled: true}))
		}},
	{"DataAttributes.List", "GET /data_attributes?include_archived=true&model=company", "", classRead, false,
		`{"type":"list","data":[` + attribute + `]}`, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.DataAttributes.List(ctx, ModelCompany, true))
		}},
	{"Subscriptions.Types", "GET /subscription_types", "", classRead, false, `{"type":"list","data":[` + subscribed + `]}`,
		0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Subscriptions.Types(ctx)) }},
}

var bulkOperations = []operation{
	{"Bulk.Update", "PUT /contacts/bulk", `{"contacts":[{"id":"i1","name":"n","companies":[{"company_id":"k",` +
		`"remove":true}],"tags":{"add":[{"id":"1"}],"remove":[{"id":"2"}]}}]}`, classOnce, true, jobBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Bulk.Update(ctx, []BulkContact{{
				ID: id[0], Name: Value("n"), Companies: []BulkCompany{{CompanyID: "k", Remove: true}},
				Tags: BulkTags{Add: []string{"1"}, Remove: []string{"2"}},
			}}))
		}},
	{"Bulk.Create", "POST /contacts/bulk", `{"contacts":[{"email":"a@b.c","signed_up_at":5,"tags":{"add":[{"id":"1"}]}}]}`,
		classOnce, true, jobBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Bulk.Create(ctx, []BulkContactCreate{{
				Email: Value("a@b.c"), SignedUpAt: Value(Unix(5)), Tags: BulkTags{Add: []string{"1"}},
			}}))
		}},
	{"Bulk.Delete", "POST /contacts/bulk/delete", `{"contacts":[{"id":"i1"},{"id":"i2"}]}`, classOnce, true, jobBody, 2,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Bulk.Delete(ctx, id[:])) }},
	{"Bulk.Job", "GET /contacts/bulk/i1", "", classRead, true, jobBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Bulk.Job(ctx, id[0])) }},
}
