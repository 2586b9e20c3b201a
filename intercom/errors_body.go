package intercom

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// errorBody is what the body of an error says, whatever its shape: Intercom has several, and proxies have theirs.
type errorBody struct {
	requestID string
	faults    []fault
}

// fault is one of the errors that a body tells.
type fault struct {
	code, message, field string
	permissions          []string
}

// maxFaults is how many errors of one body are told.
const maxFaults = 5

// parseErrorBody reads the body of an error. It fails on what is neither a JSON object, nor a list or
// a text that says something.
func parseErrorBody(data []byte) (errorBody, bool) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return errorBody{}, false
	}
	object, ok := value.(map[string]any)
	if !ok {
		body := errorBody{faults: faultsOf(value)}
		body.faults = body.faults[:min(len(body.faults), maxFaults)]
		return body, len(body.faults) > 0
	}
	body := errorBody{requestID: scalar(object["request_id"])}
	body.requestID = safeRequestID(body.requestID)
	for _, key := range []string{"errors", "error"} {
		body.faults = append(body.faults, faultsOf(object[key])...)
	}
	if len(body.faults) == 0 {
		body.faults = faultsOf(object)
	} else if top := wordsOf(object["message"], 0); top != "" {
		body.faults = append(body.faults[:min(len(body.faults), maxFaults-1)], fault{message: Unescape(top)})
	}
	body.faults = body.faults[:min(len(body.faults), maxFaults)]
	return body, true
}

// faultsOf reads a list of errors, one error, or a text; or an object of texts by field.
func faultsOf(value any) []fault {
	switch value := value.(type) {
	case string:
		if value != "" {
			return []fault{{message: value}}
		}
	case []any:
		var all []fault
		for _, item := range value[:min(len(value), maxFaults)] {
			all = append(all, faultsOf(item)...)
		}
		return all
	case map[string]any:
		f := fault{code: scalar(value["code"]), field: scalar(value["field"]), message: Unescape(wordsOfFault(value))}
		if data, ok := value["data"].(map[string]any); ok {
			f.permissions = slices.DeleteFunc(textsOf(data["required_permissions"]),
				func(p string) bool { return safeCode(p) == "" })
		}
		if f.code != "" || f.message != "" {
			return []fault{f}
		}
		return faultsByField(value)
	}
	return nil
}

// wordKeys are the keys of an error that hold its words, the title before what explains it.
var wordKeys = []string{"message", "title", "detail", "error_description", "description", "text"}

// wordsOfFault reads what an object of an error says, whatever shape it has.
func wordsOfFault(value map[string]any) string {
	var all []string
	for _, key := range wordKeys {
		if words := cmp.Or(scalar(value[key]), wordsOf(value[key], 0)); words != "" && !slices.Contains(all, words) {
			all = append(all, words)
		}
	}
	return strings.Join(all, ": ")
}

// maxWordsDepth is how deep the words of an error may be nested.
const maxWordsDepth = 4

// wordsOf reads a text, or the texts of a list or of an object.
func wordsOf(value any, depth int) string {
	if depth == maxWordsDepth {
		return ""
	}
	var all []string
	add := func(item any) {
		if words := wordsOf(item, depth+1); words != "" && len(all) < maxFaults {
			all = append(all, words)
		}
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			add(item)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if key != "type" && key != "code" {
				add(value[key])
			}
		}
	case string:
		return value
	}
	return strings.Join(all, ", ")
}

// faultsByField reads an object that has a text, or a list of texts, for each field that is wrong.
func faultsByField(value map[string]any) []fault {
	var all []fault
	for _, field := range slices.Sorted(maps.Keys(value)) {
		if field == "type" || field == "request_id" {
			continue
		}
		if words := wordsOf(value[field], 0); words != "" && len(all) < maxFaults {
			all = append(all, fault{message: field + " " + words, field: field})
		}
	}
	return all
}

// textsOf reads a text or a list of texts.
func textsOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var texts []string
		for _, item := range value {
			if text, ok := item.(string); ok {
				texts = append(texts, text)
			}
		}
		return texts
	}
	return nil
}

// scalar is a text, or a number as it is written; "" for anything else.
func scalar(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}

// message is what all the errors say.
func (b errorBody) message() string {
	var messages []string
	for _, f := range b.faults {
		if text := cmp.Or(f.message, f.code); !slices.Contains(messages, text) {
			messages = append(messages, strings.TrimSpace(text))
		}
	}
	if len(messages) == 1 {
		return b.faults[0].message
	}
	return strings.Join(messages, "; ")
}
