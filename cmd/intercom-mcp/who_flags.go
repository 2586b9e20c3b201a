package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/schemas"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve"
)

// whoHelp are the help texts of whoFlags.
var whoHelp = helpTexts{
	"as":    "Ask as the principal of this name in the file of tokens: with its mode, roles and person.",
	"scope": "Scope of a token of an identity provider, such as contacts:write, which bounds the mode.",
	"at":    "When it is asked, such as 2026-11-28T22:00:00Z, for policies that ask for the time; now when absent.",
}

// whoFlags say who asks, for a policy that asks that.
type whoFlags struct {
	As     string   `placeholder:"NAME" help:"@as"`
	Tokens string   `variable:"INTERCOM_HTTP_TOKENS" type:"path" placeholder:"FILE" help:"@token_file"`
	Role   []string `placeholder:"ROLE" help:"Role of who asks, besides those of --as."`
	Scope  []string `placeholder:"SCOPE" help:"@scope"`
	Email  string   `placeholder:"EMAIL" help:"E-mail of the person who asks."`
	Client string   `placeholder:"NAME" help:"What the caller's program calls itself."`
	At     string   `placeholder:"TIME" help:"@at"`
}

// caller is a call of whoever the flags say, and what bounds their mode, in brackets: "" where only the policy does.
func (f whoFlags) caller(principal string, p *policy.Policy) (who tools.Call, bounds string, err error) {
	who = tools.Call{Principal: principal, Roles: entries(f.Role), Client: f.Client, Person: policy.Person{Email: f.Email}}
	all := []string{"the server " + string(p.Mode)}
	if f.As != "" {
		line, err := f.line()
		if err != nil {
			return who, "", err
		}
		who.Principal, who.Mode, who.Roles = line.Name, line.Mode, append(slices.Clone(line.Roles), who.Roles...)
		who.Person.Email = cmp.Or(f.Email, line.Person)
		all = append(all, "the token "+string(line.Mode))
	}
	if len(f.Scope) > 0 {
		mode, granted := serve.ModeOfScopes(entries(f.Scope))
		if !granted {
			return who, "", &usageError{problem: "none of " + strings.Join(f.Scope, ", ") + " is a scope",
				try: strings.Join(serve.Scopes(policy.ModeFull), ", ")}
		}
		if who.Mode == "" || !mode.Allows(effectOfMode(who.Mode)) {
			who.Mode = mode
		}
		all = append(all, "the scopes "+string(mode))
	}
	for _, role := range p.RolesOf(who.Roles) {
		if role.Mode != "" {
			all = append(all, fmt.Sprintf("role %s %s", role.Name, role.Mode))
		}
	}
	if len(all) > 1 {
		bounds = " (" + strings.Join(all, ", ") + ")"
	}
	return who, bounds, nil
}

// effectOfMode is the widest effect that a mode allows.
func effectOfMode(mode policy.Mode) policy.Effect {
	widest := policy.Read
	for _, effect := range []policy.Effect{policy.Write, policy.Destroy} {
		if mode.Allows(effect) {
			widest = effect
		}
	}
	return widest
}

// line finds the token of --as.
func (f whoFlags) line() (serve.TokenLine, error) {
	if f.Tokens == "" {
		return serve.TokenLine{}, &usageError{problem: "--as names a token, and no file of tokens is named",
			try: "--tokens FILE"}
	}
	lines, err := serve.TokenFile(f.Tokens).List()
	if err != nil {
		return serve.TokenLine{}, err
	}
	var names []string
	for _, line := range lines {
		if line.Name == f.As {
			return line, nil
		}
		names = append(names, line.Name)
	}
	try := "intercom-mcp token list --tokens " + f.Tokens
	if near := schemas.Nearest(f.As, names, 3); len(near) > 0 {
		try = "--as " + strings.Join(near, ", --as ")
	}
	return serve.TokenLine{}, &usageError{problem: fmt.Sprintf("%s has no token of %q", f.Tokens, f.As), try: try}
}

// at is when it is asked.
func (f whoFlags) at(now time.Time) (time.Time, error) {
	if f.At == "" {
		return now, nil
	}
	at, err := time.Parse(time.RFC3339, f.At)
	if err != nil {
		return at, &usageError{problem: fmt.Sprintf("--at %q is no time", f.At), try: "--at 2026-11-28T22:00:00Z"}
	}
	return at, nil
}

// explainWho prints who asks and when, as far as the policy may ask it.
func explainWho(w io.Writer, p *policy.Policy, r *policy.Request) {
	if name := strings.TrimSpace(r.Person.Name + " " + r.Person.Email); name != "" {
		fmt.Fprintf(w, "person     %s\n", name)
	}
	if len(r.Roles) > 0 {
		fmt.Fprintf(w, "roles      %s\n", listed(r.Roles))
	}
	if p.Toolsets != nil {
		fmt.Fprintf(w, "toolsets   %s\n", listed(p.Toolsets))
	}
	if r.Client != "" {
		fmt.Fprintf(w, "client     %s\n", r.Client)
	}
	if p.Reads().Clock {
		fmt.Fprintf(w, "time       %s\n", r.Now.In(p.Zone).Format("Monday 15:04 MST"))
	}
	if r.TargetsErr != nil {
		fmt.Fprintf(w, "targets    %v\n", r.TargetsErr)
	}
}
