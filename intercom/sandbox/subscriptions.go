package sandbox

import "slices"

// subscriptionType is a kind of message that contacts opt in to or out of.
type subscriptionType struct {
	ID           string
	State        string // "live", "draft" or "archived"
	ConsentType  string // "opt_in" or "opt_out"
	Name         string
	Description  string
	ContentTypes []string // "email", "sms_message"
}

// subscriptionJSON is a subscription type on the wire.
type subscriptionJSON struct {
	Type               string            `json:"type"`
	ID                 string            `json:"id"`
	State              string            `json:"state"`
	ConsentType        string            `json:"consent_type"`
	DefaultTranslation translationJSON   `json:"default_translation"`
	Translations       []translationJSON `json:"translations"`
	ContentTypes       []string          `json:"content_types"`
}

type translationJSON struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Locale      string `json:"locale"`
}

func (t *subscriptionType) json() subscriptionJSON {
	english := translationJSON{t.Name, t.Description, "en"}
	return subscriptionJSON{"subscription", t.ID, t.State, t.ConsentType, english, []translationJSON{english},
		t.ContentTypes}
}

// subscriptionTypeList is the subscription types of the workspace.
type subscriptionTypeList []*subscriptionType

// byID returns a subscription type, or nil.
func (l subscriptionTypeList) byID(id string) *subscriptionType {
	return first(l, func(t *subscriptionType) bool { return t.ID == id })
}

// split divides the types that a contact decided on: an opt-out
// type is one it opted out of, an opt-in type one it opted in to.
func (l subscriptionTypeList) split(ids []string) (optedOut, optedIn []string) {
	for _, id := range ids {
		if t := l.byID(id); t != nil && t.ConsentType == "opt_in" {
			optedIn = append(optedIn, id)
		} else {
			optedOut = append(optedOut, id)
		}
	}
	return optedOut, optedIn
}

// listSubscriptionTypes is GET /subscription_types.
func listSubscriptionTypes(q *request) (any, *apiError) {
	data := []any{}
	for _, t := range q.space.subscriptionTypes {
		data = append(data, t.json())
	}
	return listJSON{"list", data}, nil
}

// listContactSubscriptions is GET /contacts/{id}/subscriptions: only the types that the contact decided on.
func listContactSubscriptions(q *request, c *contact) (any, *apiError) {
	data := []any{}
	for _, id := range c.SubscriptionIDs {
		data = append(data, q.space.subscriptionTypes.byID(id).json())
	}
	return listJSON{"list", data}, nil
}

// addSubscription is POST /contacts/{id}/subscriptions. It opts the contact
// out of an opt-out type and in to an opt-in type.
func addSubscription(q *request, c *contact) (any, *apiError) {
	if consent, _ := text(q.body.value("consent_type")); consent != "opt_in" && consent != "opt_out" {
		return nil, invalidField("consent_type")
	}
	id, _ := idText(q.body.value("id"))
	t := q.space.subscriptionTypes.byID(id)
	if t == nil {
		return nil, errResourceNotFound
	}
	if !slices.Contains(c.SubscriptionIDs, t.ID) {
		q.space.contacts.touch(c, q.at)
		c.SubscriptionIDs = append(slices.Clip(c.SubscriptionIDs), t.ID)
	}
	return t.json(), nil
}

// removeSubscription is DELETE /contacts/{id}/subscriptions/{subscription}.
func removeSubscription(q *request, c *contact) (any, *apiError) {
	t := q.space.subscriptionTypes.byID(q.vars["subscription"])
	if t == nil || !slices.Contains(c.SubscriptionIDs, t.ID) {
		return nil, errResourceNotFound
	}
	q.space.contacts.touch(c, q.at)
	c.SubscriptionIDs = without(c.SubscriptionIDs, t.ID)
	return t.json(), nil
}
