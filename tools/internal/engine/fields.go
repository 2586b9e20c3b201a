package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/internal/directory"
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
