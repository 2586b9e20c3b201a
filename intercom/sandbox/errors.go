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

// Error implements error.
func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message)
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
	errUserNotFound     = &apiError{status: http.StatusNotFound, code: "not_found", message: "User Not Found"}
	errResourceNotFound = &apiError{status: http.StatusNotFound, code: "not_found", message: "Resource Not Found"}
	errCompanyNotFound  = &apiError{status: http.StatusNotFound, code: "company_not_found", message: "Company Not Found"}
	errAdminNotFound    = &apiError{status: http.StatusNotFound, code: "admin_not_found", message: "Admin not found"}
	errVersionUnknown   = &apiError{status: http.StatusBadRequest, code: "intercom_version_invalid", message: "The requested version could not be found"}
	errVersionLacks     = &apiError{status: http.StatusBadRequest, code: "intercom_version_invalid", message: "Requested resource is not available in current API version."}
	errNotAcceptable    = &apiError{status: http.StatusNotAcceptable, code: "media_type_not_acceptable", message: "The Accept header should send a media type of application/json"}
	errBadJSON          = &apiError{status: http.StatusBadRequest, code: "parameter_invalid", message: "The request body is not a valid JSON object"}
	errBodyTooLarge     = &apiError{status: http.StatusRequestEntityTooLarge, code: "client_error", message: "The request body is too large"}
	errBadCursor        = &apiError{status: http.StatusBadRequest, code: "client_error", message: "Invalid starting_after param. Please try again using a starting_after value from a paginated response"}
	errPerPage          = &apiError{status: http.StatusBadRequest, code: "parameter_invalid", message: "Per Page isn't an integer"}
	errBlocked          = &apiError{status: http.StatusBadRequest, code: "not_restorable", message: "Contact has been blocked and is not restorable"}
	errTagParameters    = &apiError{status: http.StatusBadRequest, code: "parameter_invalid", message: "invalid tag parameters"}
)

// badParameter refuses a key that the operation does not know.
func badParameter(key string) *apiError {
	return fail(http.StatusBadRequest, "bad_request", "bad '%s' parameter", key)
}

// invalidField refuses a value of the wrong kind. Intercom does not publish
// the text; the code is from its list.
func invalidField(field string) *apiError {
	return fail(http.StatusBadRequest, "parameter_invalid", "%s is invalid", field)
}

// missingField refuses a body without a field that must be there.
func missingField(field string) *apiError {
	return fail(http.StatusBadRequest, "parameter_not_found", "%s not specified", field)
}
