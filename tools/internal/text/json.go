package text

import (
	"encoding/json"
	"fmt"
	"strings"
)

// encode writes compact JSON with HTML characters as they are.
func JSON(v any) (json.RawMessage, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the answer: %w", err)
	}
	return json.RawMessage(strings.TrimSuffix(out.String(), "\n")), nil
}
