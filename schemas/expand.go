package schemas

import (
	"bytes"
	"encoding/json"
	"maps"
)

// expand gives each object of an input that is open the properties of the object of the same name at the root, as
// they were left out when the schema was generated: what is listed is short, what is checked is whole. Where there is
// no such object it is a map, of which the property that is written is only an example.
func expand(raw []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	whole, _ := root["properties"].(map[string]any)
	var within func(v any)
	within = func(v any) {
		schema, _ := v.(map[string]any)
		if items, ok := schema["items"]; ok {
			within(items)
		}
		properties, _ := schema["properties"].(map[string]any)
		for name, v := range properties {
			property, _ := v.(map[string]any)
			like, _ := whole[name].(map[string]any)
			if property["additionalProperties"] == true {
				delete(property, "properties")
				delete(property, "additionalProperties")
				filled := maps.Clone(property)
				if like["additionalProperties"] == false {
					filled = maps.Clone(like)
					maps.Copy(filled, property)
				}
				properties[name] = filled
			}
			within(properties[name])
		}
	}
	within(root)
	return json.Marshal(root)
}
