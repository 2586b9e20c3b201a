package main

import "intercom-mcp/tools/serve"

// issuerHelp are the help texts of issuerFlags.
var issuerHelp = helpTexts{
	"issuer": "Identity provider whose access tokens are let in, exactly as they have it in iss.",
	"audience": "What the identity provider puts into aud of tokens for this server; without it a token for any other " +
		"service would do.",
	"public_url":   "Address of the server as clients have it, such as https://mcp.example.com.",
	"person_claim": "Claim that is the same for a person in every client; for Entra it is oid.",
	"groups_claim": "Claim whose values are roles.",
	"scope_prefix": "What the identity provider wants before the names of scopes when a client asks for them.",
}

// issuerFlags say which identity provider names the principals.
type issuerFlags struct {
	Issuer      string `variable:"INTERCOM_HTTP_ISSUER" placeholder:"URL" help:"@issuer"`
	Audience    string `variable:"INTERCOM_HTTP_AUDIENCE" placeholder:"TEXT" help:"@audience"`
	PublicURL   string `variable:"INTERCOM_HTTP_PUBLIC_URL" name:"public-url" placeholder:"URL" help:"@public_url"`
	PersonClaim string `variable:"INTERCOM_HTTP_PERSON_CLAIM" default:"sub" help:"@person_claim"`
	GroupsClaim string `variable:"INTERCOM_HTTP_GROUPS_CLAIM" default:"groups" help:"@groups_claim"`
	ScopePrefix string `variable:"INTERCOM_HTTP_SCOPE_PREFIX" placeholder:"TEXT" help:"@scope_prefix"`
}

// issuer is the issuer that the flags name; nil for none.
func (f issuerFlags) issuer() (*serve.Issuer, error) {
	if f.Issuer == "" {
		if f.Audience != "" || f.PublicURL != "" {
			return nil, &usageError{problem: "--audience and --public-url have no effect without --issuer",
				try: "--issuer https://id.example.com, or 'intercom-mcp docs sign-in'"}
		}
		return nil, nil
	}
	if f.PublicURL == "" {
		return nil, &usageError{problem: "--issuer needs --public-url: clients are told to ask for tokens for that address",
			try: "--public-url https://mcp.example.com"}
	}
	if f.Audience == "" {
		return nil, &usageError{problem: "--issuer needs --audience: a token for any other service would do",
			try: "--audience with what the identity provider puts into aud, such as " + publicHost(f.PublicURL) + "/mcp"}
	}
	trustCompiledRoots()
	issuer, err := serve.NewIssuer(serve.IssuerConfig{
		URL: f.Issuer, Audience: f.Audience, PersonClaim: f.PersonClaim, GroupsClaim: f.GroupsClaim,
		ScopePrefix: f.ScopePrefix,
	})
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	return issuer, nil
}
