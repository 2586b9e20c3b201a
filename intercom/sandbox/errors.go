package sandbox

import (
	"fmt"
	"net/http"
)

// apiError is a refusal in Intercom's envelope. See
// https://developers.intercom.com/docs/references/rest-api/errors/error-objects
type apiError struct {
	status  int
	code    string
	message string
	link    string // the Link header, if any
	bare    bool   // the envelope goes without a request id
}

// errorList is the wire form of an apiError.
type errorList struct {
	Type      string      `json:"type"`
	RequestID string      `json:"request_id,omitempty"`
	Errors    []errorItem `json:"errors"`
}

type errorItem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *apiError) envelope(requestID string) errorList {
	if e.bare {
		requestID = ""
	}
	return errorList{Type: "error.list", RequestID: requestID, Errors: []errorItem{{e.code, e.message}}}
}

// fail is an error with a formatted message.
func fail(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// The refusals that several resources share.
var (
	errUserNotFound     = fail(http.StatusNotFound, "not_found", "User Not Found")
	errResourceNotFound = fail(http.StatusNotFound, "not_found", "Resource Not Found")
	errCompanyNotFound  = fail(http.StatusNotFound, "company_not_found", "Company Not Found")
	errVersionUnknown   = fail(http.StatusBadRequest, "intercom_version_invalid",
		"The requested version could not be found")
	errVersionLacks = fail(http.StatusBadRequest, "intercom_version_invalid",
		"Requested resource is not available in current API version.")
	errNotAcceptable = fail(http.StatusNotAcceptable, "media_type_not_acceptable",
		"The Accept header should send a media type of application/json")
	errBadJSON      = fail(http.StatusBadRequest, "parameter_invalid", "The request body is not a valid JSON object")
	errBodyTooLarge = fail(http.StatusRequestEntityTooLarge, "client_error", "The request body is too large")
	errBadCursor    = fail(http.StatusBadRequest, "client_error",
		"Invalid starting_after param. Please try again using a starting_after value from a paginated response")
	errPerPage       = fail(http.StatusBadRequest, "parameter_invalid", "Per Page isn't an integer")
	errBlocked       = fail(http.StatusBadRequest, "not_restorable", "Contact has been blocked and is not restorable")
	errTagParameters = fail(http.StatusBadRequest, "parameter_invalid", "invalid tag parameters")
)

// badParameter refuses a key that the operation does not know.
func badParameter(key string) *apiError {
	return fail(http.StatusBadRequest, "bad_request", "bad '%s' parameter", key)
}

// invalidField refuses a value of the wrong kind. Intercom does not publish the text; the code is from its list.
func invalidField(field string) *apiError {
	return fail(http.StatusBadRequest, "parameter_invalid", "%s is invalid", field)
}

// missingField refuses a body without a field that must be there.
func missingField(field string) *apiError {
	return fail(http.StatusBadRequest, "parameter_not_found", "%s not specified", field)
}
