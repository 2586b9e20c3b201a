package intercom

import "context"

// DataAttributeCreate is an attribute to make. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes/createdataattribute
type DataAttributeCreate struct {
	Name              string // unique among those of contacts and companies together
	Model             Model
	DataType          string   // string, integer, float, boolean, date, datetime; "" with Options
	Options           []string // the values to allow, at least two; nil for any
	Description       string
	MessengerWritable Opt[bool]
}

// DataAttributeUpdate is what to write to an attribute: absent fields stay as
// they are.
type DataAttributeUpdate struct {
	Archived          Opt[bool]
	Description       Opt[string]
	Options           []string // all values to allow from now on; nil leaves them
	MessengerWritable Opt[bool]
}

type dataAttributeBody struct {
	Name              string           `json:"name,omitempty"`
	Model             Model            `json:"model,omitempty"`
	DataType          string           `json:"data_type,omitempty"`
	Options           []attributeValue `json:"options,omitempty"`
	Archived          Opt[bool]        `json:"archived,omitzero"`
	Description       Opt[string]      `json:"description,omitzero"`
	MessengerWritable Opt[bool]        `json:"messenger_writable,omitzero"`
}

func attributeValues(options []string) []attributeValue {
	var values []attributeValue
	for _, option := range options {
		values = append(values, attributeValue(option))
	}
	return values
}

// Create makes a custom attribute.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes/createdataattribute
func (s *DataAttributeService) Create(ctx context.Context, attribute DataAttributeCreate) (DataAttribute, error) {
	body := dataAttributeBody{
		Name: attribute.Name, Model: attribute.Model, DataType: attribute.DataType,
		Options: attributeValues(attribute.Options), MessengerWritable: attribute.MessengerWritable,
	}
	if attribute.Description != "" {
		body.Description = Value(attribute.Description)
	}
	if len(body.Options) > 0 {
		body.DataType = "options"
		if s.client.conn.version.before(14) {
			body.DataType = "string"
		}
	}
	return one[dataAttributeWire](ctx, s.client, onceOnly("POST /data_attributes").with(body))
}

// Update writes to a custom attribute. Its type cannot be changed.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes/updatedataattribute
func (s *DataAttributeService) Update(ctx context.Context, id string, attribute DataAttributeUpdate) (DataAttribute, error) {
	body := dataAttributeBody{
		Archived: attribute.Archived, Description: attribute.Description,
		Options: attributeValues(attribute.Options), MessengerWritable: attribute.MessengerWritable,
	}
	return one[dataAttributeWire](ctx, s.client, absolute("PUT /data_attributes/{id}", id).with(body))
}
