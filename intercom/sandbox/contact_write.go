package sandbox

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// assignments are a checked set of assignments to a record.
type assignments[T any] []func(*T)

func (p assignments[T]) apply(record *T) {
	for _, assign := range p {
		assign(record)
	}
}

// contactField is one key of a body that writes a contact.
type contactField struct {
	since version
	parse contactParser
}

// contactParser reads a value: the assignment to make of it, and whether it is of the right kind. An error says more.
type contactParser func(*workspace, json.RawMessage) (assign func(*Contact), ok bool, err *apiError)

// contactFields are the keys that a single create or update takes.
var contactFields = map[string]contactField{
	"role":                     {v207, parseRole},
	"external_id":              {v207, textField(func(c *Contact) *string { return &c.ExternalID })},
	"email":                    {v207, parseEmail},
	"email_verified":           {v216, flagField(func(c *Contact) *bool { return &c.EmailVerified })},
	"phone":                    {v207, textField(func(c *Contact) *string { return &c.Phone })},
	"name":                     {v207, trimmedField(func(c *Contact) *string { return &c.Name })},
	"avatar":                   {v207, trimmedField(func(c *Contact) *string { return &c.Avatar })},
	"signed_up_at":             {v207, timeField(func(c *Contact) *int64 { return &c.SignedUpAt })},
	"last_seen_at":             {v207, timeField(func(c *Contact) *int64 { return &c.LastSeenAt })},
	"owner_id":                 {v207, parseOwner},
	"unsubscribed_from_emails": {v207, flagField(func(c *Contact) *bool { return &c.UnsubscribedFromEmails })},
	"language_override":        {preview, textField(func(c *Contact) *string { return &c.LanguageOverride })},
	"custom_attributes":        {v207, parseContactAttributes},
}

// parseContact checks the body of a single create or update.
func (q *request) parseContact(body object) (assignments[Contact], *apiError) {
	for _, m := range body {
		if f, ok := contactFields[m.key]; !ok || q.version < f.since {
			return nil, badParameter(m.key)
		}
	}
	if _, ok := body.given("email_verified"); ok {
		if _, ok := body.given("email"); !ok {
			return nil, fail(http.StatusBadRequest, "parameter_invalid", "email_verified must be sent together with email")
		}
	}
	return q.space.parseContactFields(body, nil)
}

// parseContactFields checks the members that allowed names, all when it is nil, and passes over the others.
func (w *workspace) parseContactFields(body object, allowed []string) (assignments[Contact], *apiError) {
	var patch assignments[Contact]
	for _, m := range body {
		if allowed != nil && !slices.Contains(allowed, m.key) {
			continue
		}
		assign, ok, err := contactFields[m.key].parse(w, m.raw)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, invalidField(m.key)
		}
		patch = append(patch, assign)
	}
	return patch, nil
}

// textField takes a string; null and "" clear.
func textField(at func(*Contact) *string) contactParser {
	return func(_ *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
		s, ok := text(raw)
		return func(c *Contact) { *at(c) = s }, ok || isNull(raw), nil
	}
}

// trimmedField takes a string without the blanks around it; null and "" clear.
func trimmedField(at func(*Contact) *string) contactParser {
	return func(_ *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
		s, ok := text(raw)
		return func(c *Contact) { *at(c) = strings.TrimSpace(s) }, ok || isNull(raw), nil
	}
}

// flagField takes a boolean; null is false.
func flagField(at func(*Contact) *bool) contactParser {
	return func(_ *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
		b, ok := truth(raw)
		return func(c *Contact) { *at(c) = b }, ok || isNull(raw), nil
	}
}

// timeField takes Unix seconds; null clears.
func timeField(at func(*Contact) *int64) contactParser {
	return func(_ *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
		n, ok := whole(raw)
		return func(c *Contact) { *at(c) = n }, ok || isNull(raw), nil
	}
}

func parseRole(_ *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
	role, _ := text(raw)
	return func(c *Contact) { c.Role = role }, role == "user" || role == "lead", nil
}

// parseEmail takes an address, which is stored in lower case and without the blanks around it; null and "" clear.
func parseEmail(_ *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
	email, ok := text(raw)
	email = strings.ToLower(strings.TrimSpace(email))
	if ok && email != "" {
		local, domain, _ := strings.Cut(email, "@")
		ok = local != "" && domain != "" && !strings.ContainsAny(email, " \t\r\n")
	}
	return func(c *Contact) { c.Email = email }, ok || isNull(raw), nil
}

func parseOwner(w *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
	id, ok := idText(raw)
	if ok && w.admins.byID(id) == nil {
		return nil, false, fail(http.StatusBadRequest, "parameter_invalid",
			"The owner specified is not a member of the workspace")
	}
	return func(c *Contact) { c.OwnerID = id }, ok || isNull(raw), nil
}

func parseContactAttributes(w *workspace, raw json.RawMessage) (func(*Contact), bool, *apiError) {
	set, ok, err := w.parseAttributes("contact", raw)
	return func(c *Contact) { c.CustomAttributes = set.applied(c.CustomAttributes) }, ok, err
}

// attributeValues are checked values of custom attributes; nil clears one.
type attributeValues map[string]any

// applied are the values merged into what is set already.
func (v attributeValues) applied(to map[string]any) map[string]any {
	if len(v) == 0 {
		return to
	}
	merged := make(map[string]any, len(to)+len(v))
	maps.Copy(merged, to)
	for name, value := range v {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = value
		}
	}
	return merged
}

// parseAttributes checks a custom_attributes object against the attributes that exist. Intercom does not publish the
// texts of its errors.
func (w *workspace) parseAttributes(model string, raw json.RawMessage) (attributeValues, bool, *apiError) {
	if isNull(raw) {
		return nil, true, nil
	}
	given, ok := parseObject(raw)
	if !ok {
		return nil, false, nil
	}
	set := make(attributeValues, len(given))
	for _, m := range given {
		a := w.attributes.custom(model, m.key)
		if a == nil {
			return nil, false, fail(http.StatusBadRequest, "parameter_invalid", "Custom attribute '%s' does not exist", m.key)
		}
		if isNull(m.raw) {
			set[m.key] = nil
			continue
		}
		value, ok := a.parse(m.raw, w.rounding)
		if !ok {
			return nil, false, fail(http.StatusBadRequest, "parameter_invalid", "Custom attribute '%s' must be of type %s",
				m.key, a.DataType)
		}
		if len(a.Options) > 0 && !slices.Contains(a.Options, value.(string)) {
			return nil, false, fail(http.StatusBadRequest, "parameter_invalid",
				"Custom attribute '%s' must be one of: %s", m.key, strings.Join(a.Options, ", "))
		}
		set[m.key] = value
	}
	return set, true, nil
}

// maxAttributeText is how many characters a custom string holds.
const maxAttributeText = 255

// parse reads a value of the attribute's type. Rounding keeps two decimals of floats, and of dates the day.
func (a *Attribute) parse(raw json.RawMessage, rounding bool) (any, bool) {
	switch a.DataType {
	case "string":
		s, ok := text(raw)
		s = strings.TrimSpace(s)
		return s, ok && utf8.RuneCountInString(s) <= maxAttributeText
	case "boolean":
		return parsed(truth(raw))
	case "float":
		f, ok := number(raw)
		if rounding {
			f = math.Round(f*100) / 100
		}
		return f, ok && !math.IsInf(f, 0)
	default: // integer, date, datetime
		n, ok := whole(raw)
		if rounding && a.DataType == "date" {
			n -= ((n % day) + day) % day
		}
		return n, ok
	}
}

func parsed[T any](v T, ok bool) (any, bool) { return v, ok }
