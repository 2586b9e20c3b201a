package toolerr

import (
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// TestOperatorsTask holds the words for what only an operator can mend.
func TestOperatorsTask(t *testing.T) {
	for _, test := range []struct {
		upstream intercom.Error
		code     Code
		says     string
	}{
		{intercom.Error{Status: 403, Code: "action_forbidden", Message: "Forbidden",
			RequiredPermissions: []string{"read_users_companies", "read_tags"}},
			ScopeMissing, "lacks the permission read_users_companies, read_tags. Do not retry"},
		{intercom.Error{Status: 403, Code: "forbidden", Message: "IP not allowed"}, CredentialInvalid,
			"does not admit this server's IP address: IP not allowed. Do not retry"},
		{intercom.Error{Lasting: true, Message: "no connection: the certificate has expired"}, UpstreamUnavailable,
			"Intercom cannot be reached: no connection: the certificate has expired. Nothing was changed. Do not retry; tell"},
		{intercom.Error{Status: 401, Code: "token_revoked", Message: "Unauthorized"}, CredentialInvalid,
			"refuses the access token: it was revoked. Do not retry; tell the operator to make a new token"},
		{intercom.Error{Status: 401, Code: "unauthorized", Message: "Access Token Invalid"}, CredentialInvalid,
			"check the token and its region (eu by --region, INTERCOM_REGION)."},
		{intercom.Error{Status: 400, Code: "intercom_version_invalid", Message: "The requested version could not be found"},
			VersionUnsupported,
			"Intercom knows no API version 9.9. Do not retry; tell the operator to set another by --api-version or " +
				"INTERCOM_API_VERSION."},
		{intercom.Error{Status: 400, Code: "intercom_version_invalid",
			Message: "Requested resource is not available in current API version."},
			VersionUnsupported, "API version 9.9 does not offer this call. Do not retry"},
		{intercom.Error{Status: 400, Code: "contact_company_limit_exceeded",
			Message: "Contact has reached the maximum of 1000 company associations"}, LimitReached, "detach_company"},
	} {
		client, err := intercom.New(intercom.Config{Token: "test-token", Region: intercom.RegionEU, Version: "9.9",
			Transport: sandbox.New(sandbox.Options{})})
		if err != nil {
			t.Fatal(err)
		}
		translator := &Translator{Client: client, Redact: func(text string) string { return text }}
		got := translator.Upstream(&test.upstream)
		if got.Code != test.code || !strings.Contains(got.Error(), test.says) {
			t.Errorf("%s: %s\nwant %s: %s", got.Code, got, test.code, test.says)
		}
		if next := got.ForPerson().Next; next == got.Next || strings.Contains(next, "tell the") {
			t.Errorf("%s: who reads it at a terminal is told: %s", got, next)
		}
	}
}
