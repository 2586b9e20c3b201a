package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxCustomAttributes is how many custom attributes may be in use.
const maxCustomAttributes = 250

// attributeTypes are the types that a custom attribute can have.
var attributeTypes = []string{"string", "integer", "float", "boolean", "date", "datetime"}

// badAttribute refuses a data attribute.
func badAttribute(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "parameter_invalid", format, args...)
}

// createDataAttribute is POST /data_attributes.
func createDataAttribute(q *request) (any, error) {
	if err := q.only("name", "model", "data_type", "options", "description", "messenger_writable"); err != nil {
		return nil, err
	}
	a := &Attribute{Custom: true, APIWritable: true, AdminID: q.admins[0].ID, CreatedAt: q.now(), UpdatedAt: q.now()}
	raw, _ := q.body.get("model")
	a.Model, _ = text(raw)
	if a.Model != "contact" && a.Model != "company" {
		return nil, badAttribute("The Data Attribute model field must be either contact or company")
	}
	raw, _ = q.body.get("name")
	a.Name, _ = text(raw)
	if err := q.attributeName(a); err != nil {
		return nil, err
	}
	raw, _ = q.body.get("data_type")
	a.DataType, _ = text(raw)
	listed := a.DataType == "options" && q.version >= v214
	if listed {
		a.DataType = "string"
	}
	if !slices.Contains(attributeTypes, a.DataType) {
		return nil, badAttribute("Data Type isn't an option")
	}
	if err := q.attributeDetails(a, listed); err != nil {
		return nil, err
	}
	q.decimals++
	a.ID = q.decimals
	a.FullName, a.Label = "custom_attributes."+a.Name, a.Name
	q.attributes = append(q.attributes, a)
	return q.attributeJSON(a), nil
}

// attributeName checks the name of a new attribute: its characters, and that
// neither contacts nor companies have one of that name.
func (w *workspace) attributeName(a *Attribute) *apiError {
	strange := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Sc, r) && !strings.ContainsRune("-_ ", r)
	}
	if a.Name == "" || strings.ContainsFunc(a.Name, strange) {
		return badAttribute("Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens")
	}
	people := map[string]string{"contact": "people", "company": "company"}
	inUse := 0
	for _, other := range w.attributes {
		if !other.Custom {
			continue
		}
		if other.Name == a.Name {
			return badAttribute("You already have '%s' in your %s data. To save this as new %s data, use a different name.",
				a.Name, people[other.Model], people[a.Model])
		}
		if !other.Archived {
			inUse++
		}
	}
	if inUse >= maxCustomAttributes {
		return fail(http.StatusBadRequest, "custom_data_limit_reached", "The limit of %d custom attributes is reached", maxCustomAttributes)
	}
	return nil
}

// attributeDetails sets what may be written of an attribute at any time.
// A list attribute must have options, and only a string may.
func (q *request) attributeDetails(a *Attribute, listed bool) *apiError {
	if raw, ok := q.body.given("options"); ok {
		options, ok := attributeOptions(raw)
		if !ok {
			return badAttribute("Options isn't an array")
		}
		if a.DataType != "string" || len(options) < 2 {
			return invalidField("options")
		}
		a.Options = options
	} else if listed {
		return badAttribute("Options isn't an array")
	}
	if raw, ok := q.body.given("description"); ok {
		if a.Description, ok = text(raw); !ok {
			return invalidField("description")
		}
	}
	if raw, ok := q.body.given("messenger_writable"); ok {
		if a.MessengerWritable, ok = truth(raw); !ok {
			return invalidField("messenger_writable")
		}
	}
	return nil
}

// attributeOptions reads options, which are written as objects and read back
// as strings.
func attributeOptions(raw json.RawMessage) ([]string, bool) {
	elements, ok := list(raw)
	if !ok {
		return nil, false
	}
	var options []string
	for _, element := range elements {
		o, _ := parseObject(element)
		raw, _ := o.get("value")
		value, ok := text(raw)
		if !ok || value == "" {
			return nil, false
		}
		options = append(options, value)
	}
	return options, true
}

// updateDataAttribute is PUT /data_attributes/{id}.
func updateDataAttribute(q *request) (any, error) {
	id, _ := strconv.ParseInt(q.vars["id"], 10, 64)
	i := slices.IndexFunc(q.attributes, func(a *Attribute) bool { return a.Custom && a.ID == id })
	if i < 0 {
		return nil, fail(http.StatusNotFound, "field_not_found", "We couldn't find that data attribute to update")
	}
	if err := q.only("archived", "options", "description", "messenger_writable"); err != nil {
		return nil, err
	}
	next := *q.attributes[i]
	if err := q.attributeDetails(&next, false); err != nil {
		return nil, err
	}
	if raw, ok := q.body.given("archived"); ok {
		if next.Archived, ok = truth(raw); !ok {
			return nil, invalidField("archived")
		}
	}
	if next.Archived && q.attributeInUse(&next) {
		return nil, fail(http.StatusUnprocessableEntity, "data_invalid", "The Data Attribute you are trying to archive has a dependant object")
	}
	next.UpdatedAt = q.now()
	*q.attributes[i] = next
	return q.attributeJSON(&next), nil
}

// attributeInUse reports whether the rule of a segment asks for an attribute.
func (w *workspace) attributeInUse(a *Attribute) bool {
	return slices.ContainsFunc(w.segments, func(s *segment) bool { return a.Model == "contact" && s.attribute == a.Name })
}
