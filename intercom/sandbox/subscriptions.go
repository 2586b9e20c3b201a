package sandbox

import "slices"

// SubscriptionType is a kind of message that contacts opt in to or out of.
type SubscriptionType struct {
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

func (t *SubscriptionType) json() subscriptionJSON {
	english := translationJSON{t.Name, t.Description, "en"}
	return subscriptionJSON{"subscription", t.ID, t.State, t.ConsentType, english, []translationJSON{english}, t.ContentTypes}
}

// topic returns a subscription type, or nil.
func (w *workspace) topic(id string) *SubscriptionType {
	i := slices.IndexFunc(w.topics, func(t *SubscriptionType) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return w.topics[i]
}

// splitPreferences divides the types that a contact decided on: an opt-out
// type is one it opted out of, an opt-in type one it opted in to.
func (w *workspace) splitPreferences(ids []string) (optedOut, optedIn []string) {
	for _, id := range ids {
		if t := w.topic(id); t != nil && t.ConsentType == "opt_in" {
			optedIn = append(optedIn, id)
		} else {
			optedOut = append(optedOut, id)
		}
	}
	return optedOut, optedIn
}
