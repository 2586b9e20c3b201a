package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
)

func isAttribute(field string) bool { return strings.HasPrefix(field, directory.CustomPrefix) }

// contactWrite makes the request body of the patch's fields.
func contactWrite(set map[string]any) (intercom.ContactWrite, error) {
	var w intercom.ContactWrite
	err := writeFields(set, &w)
	return w, err
}

// writeFields fills a request body, whose JSON names are Intercom's, with a patch's fields.
func writeFields(set map[string]any, body any) error {
	fields := make(map[string]any)
	custom := make(map[string]any)
	for name, value := range set {
		if attribute, ok := strings.CutPrefix(name, directory.CustomPrefix); ok {
			custom[attribute] = value
		} else {
			fields[name] = value
		}
	}
	if len(custom) > 0 {
		fields["custom_attributes"] = custom
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); err != nil {
		return fmt.Errorf("the patch does not fit the request: %w", err)
	}
	return nil
}

// escaped are the fields of a set with texts that Intercom may have escaped.
func escaped(set map[string]any) map[string]any {
	some := make(map[string]any)
	for field, value := range set {
		if record.IsEscaped(value) {
			some[field] = value
		}
	}
	return some
}

// given is what Intercom gives of a field of a record.
type given func(field string) any

// writeAgain writes fields, of an undo those that are to hold again what they held, as Intercom gave it. It escapes
// some texts: nothing tells whether "R&amp;D" is what was there, or how it gives "R&D". So "R&D" is written, and where
// that comes back as it was sent, nothing was escaped before either, and what was given is written. write returns the
// record that was written.
func writeAgain(set map[string]any, undoes bool, write func(set map[string]any) (given, error)) error {
	if len(set) == 0 {
		return nil
	}
	unclear := escaped(set)
	if !undoes || len(unclear) == 0 {
		_, err := write(set)
		return err
	}
	plain := maps.Clone(set)
	for field, value := range unclear {
		plain[field] = record.Plain(value)
	}
	now, err := write(plain)
	if err != nil {
		return err
	}
	maps.DeleteFunc(unclear, func(field string, _ any) bool { return now(field) != plain[field] })
	if len(unclear) > 0 {
		_, err = write(unclear)
	}
	return err
}
