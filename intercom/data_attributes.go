package intercom

import (
	"context"
	"encoding/json"
	"strconv"
)

// DataAttributeService calls the endpoints of data attributes.
type DataAttributeService service

// Model is what an attribute belongs to.
type Model string

// The models.
const (
	ModelContact Model = "contact"
	ModelCompany Model = "company"
)

// DataAttribute describes a field of contacts or companies. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes/data_attribute
type DataAttribute struct {
	ID                string // "" for standard attributes
	Model             Model
	Name              string
	FullName          string // "custom_attributes.<name>" for custom ones
	Label             string
	Description       string
	DataType          string   // string, integer, float, boolean, date, datetime
	Options           []string // the values allowed, nil for any
	APIWritable       bool
	MessengerWritable bool
	UIWritable        bool
	Custom            bool
	Archived          bool
	CreatedAt         Time
	UpdatedAt         Time
	AdminID           string // who created it
}

type dataAttributeWire struct {
	ID                looseString      `json:"id"`
	Model             Model            `json:"model"`
	Name              string           `json:"name" record:"attribute"`
	FullName          string           `json:"full_name"`
	Label             string           `json:"label"`
	Description       string           `json:"description"`
	DataType          string           `json:"data_type" odd:"never"`
	Options           []attributeValue `json:"options"`
	APIWritable       bool             `json:"api_writable"`
	MessengerWritable bool             `json:"messenger_writable"`
	UIWritable        bool             `json:"ui_writable"`
	Custom            bool             `json:"custom"`
	Archived          bool             `json:"archived"`
	CreatedAt         Time             `json:"created_at"`
	UpdatedAt         Time             `json:"updated_at"`
	AdminID           looseString      `json:"admin_id"`
}

// attributeValue is an option of a list attribute: a string, or an object with a value.
type attributeValue string

// UnmarshalJSON implements [json.Unmarshaler].
func (v *attributeValue) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '{':
	case '"', 'n', '[':
		return (*looseString)(v).UnmarshalJSON(data)
	default:
		*v = attributeValue(data)
		return nil
	}
	var object struct {
		Value looseString `json:"value"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*v = attributeValue(object.Value)
	return nil
}

func (w dataAttributeWire) model() (DataAttribute, error) {
	a := DataAttribute{
		ID: string(w.ID), Model: w.Model, Name: w.Name, FullName: w.FullName, Label: w.Label,
		Description: w.Description, DataType: w.DataType, APIWritable: w.APIWritable,
		MessengerWritable: w.MessengerWritable, UIWritable: w.UIWritable, Custom: w.Custom,
		Archived: w.Archived, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, AdminID: string(w.AdminID),
	}
	if a.Name == "" {
		return DataAttribute{}, errNoID
	}
	for _, option := range w.Options {
		if option != "" {
			a.Options = append(a.Options, string(option))
		}
	}
	return a, nil
}

// List returns the attributes of a model, standard ones included. Archived ones are among them on request only.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes/lisdataattributes
func (s *DataAttributeService) List(ctx context.Context, model Model, includeArchived bool) ([]DataAttribute, error) {
	r := safeRead("GET /data_attributes").param("model", string(model))
	if includeArchived {
		r = r.param("include_archived", strconv.FormatBool(true))
	}
	return every[dataAttributeWire](ctx, s.client, r)
}
