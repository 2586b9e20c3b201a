package intercom

import "context"

var contactOperations = []operation{
	{"Contacts.Get", "GET /contacts/i1", "", classRead, false, contactBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Contacts.Get(ctx, id[0])) }},
	{"Contacts.FindByExternalID", "GET /contacts/find_by_external_id/a%2Fb@c", "", classRead, false, contactBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Contacts.FindByExternalID(ctx, "a/b@c"))
		}},
	{"Contacts.List", "GET /contacts?per_page=150", "", classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Contacts.List(ctx, PageOptions{PerPage: 1000}))
		}},
	{"Contacts.All", "GET /contacts?per_page=20", "", classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return drain(c.Contacts.All(ctx, PageOptions{PerPage: 20}))
		}},
	{"Contacts.Search", "POST /contacts/search", searchBody, classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error { return result(c.Contacts.Search(ctx, byName)) }},
	{"Contacts.SearchAll", "POST /contacts/search", searchBody, classRead, false, listBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return drain(c.Contacts.SearchAll(ctx, byName))
		}},
	{"Contacts.Create", "POST /contacts", `{"email":"a@b.c"}`, classOnce, false, contactBody, 0,
		func(ctx context.Context, c *Client, _ [2]string) error {
			return result(c.Contacts.Create(ctx, ContactWrite{Email: Value("a@b.c")}))
		}},
	{"Contacts.Update", "PUT /contacts/i1", `{"name":null,"owner_id":"7"}`, classAbsolute, false, contactBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.Update(ctx, id[0], ContactWrite{Name: Null[string](), OwnerID: Value("7")}))
		}},
	{"Contacts.Archive", "POST /contacts/i1/archive", "", classIdempotent, false, contactBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return c.Contacts.Archive(ctx, id[0]) }},
	{"Contacts.Unarchive", "POST /contacts/i1/unarchive", "", classIdempotent, false, contactBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return c.Contacts.Unarchive(ctx, id[0]) }},
	{"Contacts.Block", "POST /contacts/i1/block", "", classIdempotent, false, contactBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return c.Contacts.Block(ctx, id[0]) }},
	{"Contacts.Delete", "DELETE /contacts/i1", "", classIdempotent, false, contactBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return c.Contacts.Delete(ctx, id[0]) }},
	{"Contacts.Merge", "POST /contacts/merge", `{"from":"i1","into":"i2","skip_duplicate_validation":true}`, classOnce,
		false, `{"type":"contact","id":"i2"}`, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.Merge(ctx, Merge{From: id[0], Into: id[1], SkipDuplicateCheck: true}))
		}},
	{"Contacts.PreviewMerge", "POST /contacts/merge/preview", `{"from":"i1","into":"i2"}`, classRead, true,
		`{"allowed":true}`, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.PreviewMerge(ctx, Merge{From: id[0], Into: id[1]}))
		}},
	{"Contacts.MergeHistory", "GET /contacts/i1/merge_history", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.MergeHistory(ctx, id[0], PageOptions{}))
		}},
	{"Contacts.MergeHistoryAll", "GET /contacts/i1/merge_history", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return drain(c.Contacts.MergeHistoryAll(ctx, id[0], PageOptions{}))
		}},
}

var relationOperations = []operation{
	{"Contacts.Tags", "GET /contacts/i1/tags", "", classRead, false, tagsBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error { return result(c.Contacts.Tags(ctx, id[0])) }},
	{"Contacts.AddTag", "POST /contacts/i1/tags", `{"id":"i2"}`, classIdempotent, false, tagOne, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.AddTag(ctx, id[0], id[1]))
		}},
	{"Contacts.RemoveTag", "DELETE /contacts/i1/tags/i2", "", classIdempotent, false, tagOne, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.RemoveTag(ctx, id[0], id[1]))
		}},
	{"Notes.OfContact", "GET /contacts/i1/notes?per_page=50", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Notes.OfContact(ctx, id[0], PageOptions{PerPage: 150}))
		}},
	{"Notes.OfContactAll", "GET /contacts/i1/notes", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return drain(c.Notes.OfContactAll(ctx, id[0], PageOptions{}))
		}},
	{"Notes.AddToContact", "POST /contacts/i1/notes", `{"body":"b","admin_id":"7"}`, classOnce, false, noteBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Notes.AddToContact(ctx, id[0], NoteWrite{Body: "b", AdminID: "7"}))
		}},
	{"Contacts.Companies", "GET /contacts/i1/companies?page=2&per_page=5", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.Companies(ctx, id[0], PageOptions{Cursor: "page=2&per_page=5", PerPage: 9}))
		}},
	{"Contacts.CompaniesAll", "GET /contacts/i1/companies", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return drain(c.Contacts.CompaniesAll(ctx, id[0], PageOptions{}))
		}},
	{"Contacts.AttachCompany", "POST /contacts/i1/companies", `{"id":"i2"}`, classIdempotent, false, companyBody, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.AttachCompany(ctx, id[0], id[1]))
		}},
	{"Contacts.DetachCompany", "DELETE /contacts/i1/companies/i2", "", classIdempotent, false, companyBody, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.DetachCompany(ctx, id[0], id[1]))
		}},
	{"Contacts.Segments", "GET /contacts/i1/segments", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Contacts.Segments(ctx, id[0]))
		}},
	{"Subscriptions.OfContact", "GET /contacts/i1/subscriptions", "", classRead, false, listBody, 1,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Subscriptions.OfContact(ctx, id[0]))
		}},
	{"Subscriptions.AddToContact", "POST /contacts/i1/subscriptions", `{"consent_type":"opt_in","id":"i2"}`, classIdempotent,
		false, subscribed, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Subscriptions.AddToContact(ctx, id[0], id[1], ConsentOptIn))
		}},
	{"Subscriptions.RemoveFromContact", "DELETE /contacts/i1/subscriptions/i2", "", classIdempotent, false, subscribed, 2,
		func(ctx context.Context, c *Client, id [2]string) error {
			return result(c.Subscriptions.RemoveFromContact(ctx, id[0], id[1]))
		}},
}
