package intercom

import "context"

// touchedWire is an answer with nothing but the id of the object.
type touchedWire struct {
	ID looseString `json:"id" record:"object"`
}

func (w touchedWire) model() (string, error) {
	if w.ID == "" {
		return "", errNoID
	}
	return string(w.ID), nil
}

// touch performs r and checks that the answer has an id.
func touch(ctx context.Context, c *Client, r request) error {
	_, err := one[touchedWire](ctx, c, r)
	return err
}

// Archive hides a contact from lists and searches until it is unarchived.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/archivecontact
func (s *ContactService) Archive(ctx context.Context, id string) error {
	return touch(ctx, s.client, idempotent("POST /contacts/{id}/archive", id).answering(id).doneWhenGone())
}

// Unarchive restores an archived contact.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/unarchivecontact
func (s *ContactService) Unarchive(ctx context.Context, id string) error {
	return touch(ctx, s.client, idempotent("POST /contacts/{id}/unarchive", id).answering(id))
}

// Block blocks a contact for good, and archives its conversations. There is
// no way to unblock. Versions before 2.13 lack it, so it is sent as 2.13 there.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/blockcontact
func (s *ContactService) Block(ctx context.Context, id string) error {
	r := idempotent("POST /contacts/{id}/block", id).answering(id).since(13, s.client.conn.version)
	return touch(ctx, s.client, r.unknownWhenGone())
}

// Delete deletes a contact for good. Searches may show it for some minutes.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/deletecontact
func (s *ContactService) Delete(ctx context.Context, id string) error {
	return touch(ctx, s.client, idempotent("DELETE /contacts/{id}", id).doneWhenGone())
}
