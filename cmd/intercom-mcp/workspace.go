package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// workspaceHelp are the help texts of workspaceFlags and endpointFlags.
var workspaceHelp = helpTexts{
	"region":       "Where the workspace is hosted: us, eu or au.",
	"base_url":     "Another host instead of the region's, such as a sandbox server.",
	"api_version":  "Intercom-Version to send; the client's own when absent.",
	"sandbox":      "Work in the embedded Intercom: nothing leaves this machine, no token is needed.",
	"access_token": "Access token; better given by its variable or by --token-file.",
	"access_file":  "File that holds the access token and that only you may read.",
}

// endpointFlags choose the Intercom that requests go to.
type endpointFlags struct {
	Region     string `variable:"INTERCOM_REGION" enum:"us,eu,au" default:"us" help:"@region"`
	BaseURL    string `variable:"INTERCOM_BASE_URL" name:"base-url" placeholder:"URL" help:"@base_url"`
	APIVersion string `variable:"INTERCOM_API_VERSION" name:"api-version" placeholder:"VERSION" help:"@api_version"`
}

// workspaceFlags choose the workspace.
type workspaceFlags struct {
	Sandbox   bool   `variable:"INTERCOM_SANDBOX" help:"@sandbox"`
	Token     string `variable:"INTERCOM_ACCESS_TOKEN" placeholder:"TOKEN" help:"@access_token"`
	TokenFile string `variable:"INTERCOM_TOKEN_FILE" type:"path" placeholder:"FILE" help:"@access_file"`
	endpointFlags
}

// config describes a client of the workspace that the flags name. command is the one that a usage error advises on.
func (f workspaceFlags) config(command string) (intercom.Config, error) {
	if f.Sandbox {
		return sandboxConfig(onceUsed(func() http.RoundTripper { return sandbox.New(sandbox.Options{}) }), f.APIVersion), nil
	}
	token, err := f.accessToken()
	if err != nil {
		return intercom.Config{}, err
	}
	if token == "" {
		return intercom.Config{}, &usageError{problem: "there is no access token", try: fmt.Sprintf(
			"intercom-mcp %s --sandbox (the embedded Intercom, no token needed)\n"+
				"  or: set INTERCOM_ACCESS_TOKEN, or --token-file FILE. To get a token, create an app at\n"+
				"      https://app.intercom.com/a/apps/_/developer-hub\n"+
				"      and copy the access token from its Configure > Authentication page.", command)}
	}
	return f.endpointFlags.config(token)
}

// accessToken returns the token of the flags, or "" when they hold none.
func (f workspaceFlags) accessToken() (string, error) {
	switch {
	case f.Token != "" && f.TokenFile != "":
		return "", &usageError{problem: "both a token and a token file are given", try: "one of the two"}
	case f.TokenFile != "":
		return readTokenFile(f.TokenFile)
	}
	return cleanToken("the access token", f.Token)
}

// config describes a client of the endpoint that uses token.
func (f endpointFlags) config(token string) (intercom.Config, error) {
	region, err := intercom.ParseRegion(f.Region)
	if err != nil {
		return intercom.Config{}, &usageError{problem: err.Error()}
	}
	config := intercom.Config{
		Token: token, Region: region, BaseURL: f.BaseURL, Version: f.APIVersion, UserAgent: userAgent(),
	}
	if !strings.HasPrefix(f.BaseURL, "http:") {
		config.Transport = trusting(intercom.NewTransport())
	}
	return config, nil
}

// sandboxConfig describes a client that reaches the sandbox without a port.
func sandboxConfig(transport http.RoundTripper, version string) intercom.Config {
	return intercom.Config{
		Token: "sandbox", BaseURL: "http://localhost", Version: version, Transport: transport, UserAgent: userAgent(),
	}
}

// transportFunc makes a transport of a function that returns one.
type transportFunc func() http.RoundTripper

// onceUsed puts off making a transport until the first request: a workspace of
// hundreds of contacts is not to keep a server from starting.
func onceUsed(open func() http.RoundTripper) http.RoundTripper {
	return transportFunc(sync.OnceValue(open))
}

// RoundTrip implements [http.RoundTripper].
func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f().RoundTrip(r) }

// userAgent is the User-Agent of requests to Intercom.
func userAgent() string { return "intercom-mcp/" + thisBuild().version }
