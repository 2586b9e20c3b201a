package intercom

import "context"

// SubscriptionService calls the endpoints of subscription types, and those of a contact's choices about them.
type SubscriptionService service

// Consent is whether a subscription type is received until a contact opts out, or not before it opts in.
type Consent string

// The kinds of consent.
const (
	ConsentOptOut Consent = "opt_out"
	ConsentOptIn  Consent = "opt_in"
)

// Subscription is a type of messages that contacts can choose to receive. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/subscription-types/subscription_type
type Subscription struct {
	ID           string
	State        string // "live", "draft" or "archived"
	Consent      Consent
	Name         string // in the default language, as is Description
	Description  string
	ContentTypes []string // "email", "sms_message"
}

type subscriptionWire struct {
	ID                 looseString `json:"id" record:"subscription type"`
	State              string      `json:"state"`
	ConsentType        Consent     `json:"consent_type"`
	DefaultTranslation struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"default_translation"`
	ContentTypes []string `json:"content_types"`
}

func (w subscriptionWire) model() (Subscription, error) {
	if w.ID == "" {
		return Subscription{}, errNoID
	}
	return Subscription{
		ID: string(w.ID), State: w.State, Consent: w.ConsentType,
		Name: w.DefaultTranslation.Name, Description: w.DefaultTranslation.Description, ContentTypes: w.ContentTypes,
	}, nil
}

// Types returns all subscription types of the workspace.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/subscription-types/listsubscriptiontypes
func (s *SubscriptionService) Types(ctx context.Context) ([]Subscription, error) {
	return every[subscriptionWire](ctx, s.client, safeRead("GET /subscription_types"))
}

// OfContact returns the subscription types that a contact explicitly opted out of or in to.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/listsubscriptionsforacontact
func (s *SubscriptionService) OfContact(ctx context.Context, id string) ([]Subscription, error) {
	return every[subscriptionWire](ctx, s.client, safeRead("GET /contacts/{id}/subscriptions", id))
}

// AddToContact records a contact's choice about a subscription type: it
// opts the contact OUT of an opt-out type, and in to an opt-in type.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/attachsubscriptiontypetocontact
func (s *SubscriptionService) AddToContact(
	ctx context.Context, id, subscriptionID string, consent Consent,
) (Subscription, error) {
	r := idempotent("POST /contacts/{id}/subscriptions", id).naming("subscription id",
		subscriptionID).answering(subscriptionID).
		with(map[string]string{"id": subscriptionID, "consent_type": string(consent)})
	return one[subscriptionWire](ctx, s.client, r)
}

// RemoveFromContact removes a contact's choice about a subscription type.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/detachsubscriptiontypetocontact
func (s *SubscriptionService) RemoveFromContact(ctx context.Context, id, subscriptionID string) (Subscription, error) {
	r := idempotent("DELETE /contacts/{id}/subscriptions/{subscription_id}", id, subscriptionID).doneWhenGone()
	subscription, err := one[subscriptionWire](ctx, s.client, r)
	if err == nil && subscription.ID == "" {
		subscription.ID = subscriptionID
	}
	return subscription, err
}
