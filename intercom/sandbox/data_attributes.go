package sandbox

import (
	"net/http"
)

// Attribute describes a field of contacts or companies: a standard one, or a custom one that the workspace added.
type Attribute struct {
	ID          int64  // of custom attributes; standard ones have none
	Model       string // "contact" or "company"
	Name        string
	FullName    string
	Label       string
	Description string
	DataType    string   // string, integer, float, boolean, date or datetime
	Options     []string // the values of a list attribute, which is a string
	Custom      bool
	Archived    bool

	APIWritable, MessengerWritable, UIWritable bool

	AdminID              string
	CreatedAt, UpdatedAt int64
}

// attributeJSON is an attribute on the wire. See
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes
type attributeJSON struct {
	ID                int64    `json:"id,omitempty"`
	Type              string   `json:"type"`
	Name              string   `json:"name"`
	FullName          string   `json:"full_name"`
	Label             string   `json:"label"`
	Description       string   `json:"description,omitempty"`
	DataType          string   `json:"data_type"`
	Options           []string `json:"options,omitempty"`
	APIWritable       bool     `json:"api_writable"`
	UIWritable        bool     `json:"ui_writable"`
	MessengerWritable bool     `json:"messenger_writable"`
	Custom            bool     `json:"custom"`
	Archived          bool     `json:"archived"`
	AdminID           string   `json:"admin_id,omitempty"`
	CreatedAt         int64    `json:"created_at,omitempty"`
	UpdatedAt         int64    `json:"updated_at,omitempty"`
	Model             string   `json:"model"`
}

// attribute renders an attribute. Up to 2.16 the standard timestamps of contacts are dates.
func (v view) attribute(a *Attribute) attributeJSON {
	kind := a.DataType
	if kind == "datetime" && v.q.version < v217 {
		kind = "date"
	}
	return attributeJSON{
		ID: a.ID, Type: "data_attribute", Name: a.Name, FullName: a.FullName, Label: a.Label,
		Description: a.Description, DataType: kind, Options: a.Options,
		APIWritable: a.APIWritable, UIWritable: a.UIWritable, MessengerWritable: a.MessengerWritable,
		Custom: a.Custom, Archived: a.Archived, AdminID: a.AdminID, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
		Model: a.Model,
	}
}

// attributeList is the standard and custom attributes of the workspace.
type attributeList []*Attribute

// custom returns a custom attribute that is in use, or nil.
func (l attributeList) custom(model, name string) *Attribute {
	return first(l, func(a *Attribute) bool {
		return a.Custom && !a.Archived && a.Model == model && a.Name == name
	})
}

// listDataAttributes is GET /data_attributes.
func listDataAttributes(q *request) (any, *apiError) {
	model := q.query.Get("model")
	switch model {
	case "", "contact", "company":
	case "conversation":
		if q.version >= v216 {
			return nil, fail(http.StatusUnprocessableEntity, "parameter_invalid",
				"model=conversation is no longer supported. Use GET /conversations/attributes instead")
		}
	default:
		return nil, fail(http.StatusBadRequest, "parameter_invalid",
			"The Data Attribute model field must be either contact or company")
	}
	data := []any{}
	for _, a := range q.space.attributes {
		if (model == "" || a.Model == model) && (!a.Archived || q.flag("include_archived")) {
			data = append(data, view{q}.attribute(a))
		}
	}
	return listJSON{"list", data}, nil
}

// AddAttribute adds a custom attribute of a model ("contact" or "company") and a data type, as an admin does in
// Intercom's settings. Options make it a list attribute.
func (s *Sandbox) AddAttribute(model, name, dataType string, options ...string) {
	s.locked(func(w *workspace) {
		w.ids.decimals++
		w.attributes = append(w.attributes, custom(w.ids.decimals, model, name, name, "", dataType, w.admins[0].ID,
			options...))
	})
}
