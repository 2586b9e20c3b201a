package intercom

import "context"

// SubscriptionService calls the endpoints of subscription types.
// [ContactService] has the choices of single contacts.
type SubscriptionService service

// Consent is whether a subscription type is received until a contact opts
// out, or not before it opts in.
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
