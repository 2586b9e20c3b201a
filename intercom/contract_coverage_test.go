package intercom_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// refusal is the envelope of errors.
type refusal struct {
	Errors []struct{ Code, Message string }
}

// ownWords is what of a message is the workspace's own.
var ownWords = regexp.MustCompile(`Segments: .*$`)

// answers tells what an operation's answer says: its status, of errors the
// code and the message, and each key that it has, as "ShowContact 200 .id".
func answers(operation string, status int, body []byte) []string {
	all := []string{fmt.Sprint(operation, " ", status)}
	var document any
	if json.Unmarshal(body, &document) != nil {
		return all
	}
	for path := range keys(document, "") {
		all = append(all, fmt.Sprint(operation, " ", status, " ", path))
	}
	var r refusal
	if status < http.StatusBadRequest || json.Unmarshal(body, &r) != nil {
		return all
	}
	for _, e := range r.Errors {
		all = append(all, fmt.Sprint(operation, " ", status, " ", e.Code, ": ",
			ownWords.ReplaceAllString(e.Message, "Segments")))
	}
	return all
}

// keys are the paths of all keys in a document. Custom attributes are the
// workspace's own.
func keys(document any, at string) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch document := document.(type) {
		case map[string]any:
			for key, value := range document {
				if !yield(at + "." + key) {
					return
				}
				for path := range keys(value, at+"."+key) {
					if key != "custom_attributes" && !yield(path) {
						return
					}
				}
			}
		case []any:
			for _, element := range document {
				for path := range keys(element, at+"[]") {
					if !yield(path) {
						return
					}
				}
			}
		}
	}
}

// saw notes an answer.
func (c *checker) saw(operation string, status int, body []byte) {
	for _, answer := range answers(operation, status, body) {
		c.seen[answer] = true
	}
}

// described lists what the answers of a description's examples say.
func (d *description) described() []string {
	var all []string
	for _, operation := range d.operations {
		for text, response := range operation.Responses.Map() {
			status, err := strconv.Atoi(text)
			if err != nil {
				continue
			}
			all = append(all, answers(operation.OperationID, status, nil)...)
			for _, example := range examplesOf(response.Value.Content.Get("application/json")) {
				if body, err := json.Marshal(example); err == nil {
					all = append(all, answers(operation.OperationID, status, body)...)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// examplesOf are the examples that a description gives for a body.
func examplesOf(media *openapi3.MediaType) []any {
	var all []any
	if media == nil {
		return nil
	}
	if media.Example != nil {
		all = append(all, media.Example)
	}
	for _, example := range media.Examples {
		if example.Value != nil && example.Value.Value != nil {
			all = append(all, example.Value.Value)
		}
	}
	return all
}

// examples checks a description's own examples against its schemas.
func (c *checker) examples() {
	for _, operation := range c.operations {
		if operation.RequestBody != nil {
			media := operation.RequestBody.Value.Content.Get("application/json")
			for _, example := range examplesOf(media) {
				c.value(media.Schema, example, openapi3.VisitAsRequest(), operation.OperationID+" request")
			}
		}
		for status, response := range operation.Responses.Map() {
			media := response.Value.Content.Get("application/json")
			for _, example := range examplesOf(media) {
				if media.Schema != nil {
					c.value(media.Schema, example, openapi3.VisitAsResponse(), operation.OperationID+" "+status)
				}
			}
		}
	}
}
