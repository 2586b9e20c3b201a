package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"intercom-mcp/cmd/intercom-mcp/internal/clients"
	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve"
)

// doctorCmd checks all that the server needs.
type doctorCmd struct {
	Tokens string `variable:"INTERCOM_HTTP_TOKENS" type:"path" placeholder:"FILE" help:"@token_file"`
	serviceFlags
}

// examination collects what the doctor finds.
type examination struct {
	host   *host
	failed int
}

// ok tells of what is well.
func (e *examination) ok(what, format string, args ...any) {
	e.line("ok  ", what, fmt.Sprintf(format, args...))
}

// remark tells of what need not be wrong.
func (e *examination) remark(what, format string, args ...any) {
	e.line("note", what, fmt.Sprintf(format, args...))
}

// bad tells of what is wrong, and what to do.
func (e *examination) bad(what, problem, do string) {
	e.failed++
	e.line(e.host.style(e.host.stdout).Red("BAD "), what, problem+"\n"+do)
}

func (e *examination) line(mark, what, text string) {
	below := "\n" + strings.Repeat(" ", 19)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if columns := terminal.Columns(e.host.stdout); columns > 40 {
			lines[i] = strings.ReplaceAll(terminal.Wrap(line, columns-19), "\n", below)
		}
	}
	fmt.Fprintf(e.host.stdout, "%s  %-12s %s\n", mark, what, strings.Join(lines, below))
}

// Run implements the command. Nothing is written, to Intercom or to a file.
func (c *doctorCmd) Run(ctx context.Context, h *host) error {
	e := &examination{host: h}
	c.adopt(e)
	inForce := c.checkPolicy(e)
	c.checkTokens(e, inForce)
	config, err := c.config("doctor")
	if err != nil {
		var usage *usageError
		if errors.As(err, &usage) {
			e.bad("token", usage.problem, usage.try+"\n'intercom-mcp init' asks for the token and connects your assistants.")
		} else {
			e.bad("token", err.Error(), "Give another one.")
		}
	} else {
		c.checkIntercom(ctx, e, config, inForce)
		c.checkState(ctx, e, config)
	}
	checkClients(e)
	if e.failed > 0 {
		return fmt.Errorf("fix what is marked BAD (%d), and run doctor again", e.failed)
	}
	return nil
}

// adopt takes over what the first client starts the server with, where no flag and no variable names a workspace: that
// is what the person wants to know about. A flag or a variable that says something else goes before it.
func (c *doctorCmd) adopt(e *examination) {
	if c.Token != "" || c.TokenFile != "" || c.Sandbox {
		return
	}
	for _, client := range clients.All(e.host.env) {
		server, err := client.Has("intercom")
		if err != nil || server == nil {
			continue
		}
		c.Sandbox = slices.Contains(server.Args, "--sandbox")
		if !c.Sandbox && server.Env["INTERCOM_ACCESS_TOKEN"] == "" && server.Env["INTERCOM_TOKEN_FILE"] == "" {
			continue // it asks for the token, say
		}
		for variable, flag := range map[string]*string{"INTERCOM_ACCESS_TOKEN": &c.Token, "INTERCOM_TOKEN_FILE": &c.TokenFile,
			"INTERCOM_REGION": &c.Region, "INTERCOM_BASE_URL": &c.BaseURL, "INTERCOM_API_VERSION": &c.APIVersion,
			"INTERCOM_MODE": &c.Mode, "INTERCOM_POLICY": &c.Policy, "INTERCOM_STATE": &c.State,
			"INTERCOM_TIME_ZONE": &c.TimeZone} {
			unset := *flag == "" || flag == &c.Region && *flag == string(intercom.RegionUS) // its default
			if value := server.Env[variable]; value != "" && unset {
				*flag = value
			}
		}
		e.remark("workspace", "the settings of %s are checked (%s)", client.Name, client.File)
		return
	}
}

// checkPolicy returns the policy; nil where it is not right.
func (c *doctorCmd) checkPolicy(e *examination) *policy.Policy {
	loaded, err := c.load()
	if err != nil {
		e.bad("policy", strings.TrimSpace(err.Error()), "No server starts until that is fixed.")
		return nil
	}
	p := loaded.current.Load()
	name := "the built-in one"
	if c.Policy != "" {
		name = c.Policy
	}
	e.ok("policy", "%s, mode %s", name, p.Mode)
	if p.Mode == policy.ModeFull {
		e.remark("policy", "mode full offers deletes, merges and blocks")
	}
	return p
}

// checkTokens reads the file of bearer tokens, where one is named, and compares its roles with the policy, which may be
// nil.
func (c *doctorCmd) checkTokens(e *examination, p *policy.Policy) {
	if c.Tokens == "" {
		return
	}
	tokens, err := serve.LoadTokens(c.Tokens)
	if err != nil {
		e.bad("tokens", err.Error(), "Fix the line, or 'intercom-mcp token list' shows the others.")
		return
	}
	e.ok("tokens", "%s", c.Tokens)
	if p == nil {
		return
	}
	for _, role := range unnamedRoles(p, tokens.Roles()) {
		e.remark("roles", "a token has the role %q, which the policy does not name: it has no effect", role)
	}
}

// checkIntercom checks what can be read with the token, and against it the attributes of the policy, which may be nil.
func (c *doctorCmd) checkIntercom(ctx context.Context, e *examination, config intercom.Config, p *policy.Policy) {
	client, err := intercom.New(config)
	if err != nil {
		e.bad("Intercom", err.Error(), "Correct the flag or the variable.")
		return
	}
	defer client.Close()
	me, err := client.Admins.Me(ctx)
	if err != nil {
		e.bad("Intercom", err.Error(), adviceOn(err))
		return
	}
	e.ok("token", "of %s", cmp.Or(me.Admin.Email, me.Admin.Name))
	e.ok("workspace", "%s (%s), time zone %s", me.App.Name, me.App.ID, cmp.Or(me.App.Timezone, "unknown"))
	switch region := client.Region(); {
	case c.Sandbox:
	case region == "":
		e.remark("region", "the host is %s, which is none of Intercom's regions", config.BaseURL)
	case !strings.EqualFold(me.App.Region, string(region)) && me.App.Region != "":
		e.bad("region", fmt.Sprintf("the workspace is in %s, and the server asks %s", me.App.Region, region),
			"--region "+strings.ToLower(me.App.Region))
	default:
		e.ok("region", "%s", region)
	}
	checkPermissions(ctx, e, client)
	if p != nil {
		checkAttributes(ctx, e, client, p)
	}
	version := cmp.Or(config.Version, intercom.DefaultVersion)
	// A job that is not there and a workspace without jobs answer alike: only a no to the version tells.
	switch _, err := client.Bulk.Job(ctx, "0"); intercom.KindOf(err) {
	case intercom.KindVersion, intercom.KindScope, intercom.KindPlan:
		e.remark("API", "version %s; the workspace has no bulk jobs (Preview), so many contacts are written one by one",
			version)
	default:
		e.ok("API", "version %s; whether there are bulk jobs (Preview) shows with the first: without, many take longer",
			version)
	}
	if skew, known := client.ClockSkew(); known && skew.Abs() > 30*time.Second {
		e.bad("clock", fmt.Sprintf("this machine's clock differs from Intercom's by %v", skew.Round(time.Second)),
			"Set it right: confirmations and leases go by it.")
	} else if known {
		e.ok("clock", "as Intercom's")
	}
}

// checkAttributes compares the attributes and tags that the policy names with those of the workspace.
func checkAttributes(ctx context.Context, e *examination, client *intercom.Client, p *policy.Policy) {
	unknown, err := tools.CompareNames(ctx, client, p)
	for _, text := range unknown.Attributes {
		e.bad("policy", text,
			"Write the name as 'intercom-mcp call list_attributes' shows it, or take it out: so it has no effect.")
	}
	for _, text := range unknown.Tags {
		e.remark("policy", "%s", text)
	}
	named := len(p.Attributes())
	switch {
	case err != nil:
		e.remark("policy", "whether there are the attributes and tags that it names is not known: %s", oneLine(err))
	case named > 0 && len(unknown.Attributes) == 0:
		e.ok("policy", "all attributes that it names are there (%d)", named)
	}
}

// checkPermissions tries each kind of reading that tools need. Writing cannot be tried without writing.
func checkPermissions(ctx context.Context, e *examination, client *intercom.Client) {
	one := intercom.PageOptions{PerPage: 1}
	var contact string
	tries := []struct {
		records string
		try     func() error
	}{
		{"contacts", func() error {
			page, err := client.Contacts.List(ctx, one)
			if err == nil && len(page.Items) > 0 {
				contact = page.Items[0].ID
			}
			return err
		}},
		{"companies", func() error { _, err := client.Companies.List(ctx, one); return err }},
		{"tags", func() error { _, err := client.Tags.List(ctx); return err }},
		{"teammates", func() error { _, err := client.Admins.List(ctx); return err }},
		{"attributes", func() error { _, err := client.DataAttributes.List(ctx, intercom.ModelContact, false); return err }},
		{"segments", func() error { _, err := client.Segments.List(ctx); return err }},
		{"notes", func() error {
			if contact == "" {
				return nil
			}
			_, err := client.Notes.OfContact(ctx, contact, one)
			return err
		}},
	}
	missing := 0
	for _, t := range tries {
		if err := t.try(); err != nil {
			missing++
			e.bad("permission", t.records+" cannot be read: "+err.Error(), adviceOn(err))
		}
	}
	if missing == 0 {
		e.ok("permissions",
			"contacts, companies, tags, teammates, attributes, segments and notes can be read; writing is not tried")
	}
}

// adviceOn says what to do about an error of Intercom's.
func adviceOn(err error) string {
	switch intercom.KindOf(err) {
	case intercom.KindCredential:
		return "Copy the token anew from Configure > Authentication of your app, and check the region."
	case intercom.KindAddress:
		return "Allow the address of this machine in Intercom's security settings."
	case intercom.KindScope:
		return "Switch the permission on under Configure > Authentication of your app, and copy the token anew."
	case intercom.KindRateLimited:
		return "Wait a moment, and run doctor again."
	}
	return "Check the network, --region and --base-url; behind a proxy set HTTPS_PROXY."
}

// checkState checks the file of changes without making it.
func (c *doctorCmd) checkState(ctx context.Context, e *examination, config intercom.Config) {
	if c.Sandbox && c.State == "" {
		e.remark("state", "with --sandbox changes are kept in memory")
		return
	}
	if postgres.IsURL(c.State) {
		c.checkDatabase(ctx, e)
		return
	}
	path, err := c.stateFlags.path(e.host, config)
	if err != nil {
		e.bad("state", err.Error(), "Name a file: --state FILE.")
		return
	}
	switch err := checkState(path); {
	case errors.Is(err, fs.ErrNotExist) && e.cannotMake(path):
		return
	case errors.Is(err, fs.ErrNotExist) && c.State == "": // another token of the workspace may have begun one
		e.ok("state", "in %s, where the first change finds the workspace's file, or makes it", filepath.Dir(path))
		return
	case errors.Is(err, fs.ErrNotExist):
		e.ok("state", "%s, which the first change makes", path)
		return
	case err != nil:
		e.bad("state", err.Error(), "Until then no server starts with it.")
		return
	}
	store, err := sqlite.Look(path)
	if err != nil {
		e.bad("state", err.Error(), "Name another file: --state FILE.")
		return
	}
	defer store.Close()
	list, err := store.List(ctx, "", change.Query{Limit: 1})
	if err != nil {
		e.bad("state", err.Error(), "Restore the file from a copy, or name another: --state FILE.")
		return
	}
	e.history(path, list)
	checkFreeze(ctx, e, store, path)
	checkNotices(ctx, e, store.Shared().Outbox)
}

// cannotMake tells of a state file that is not there, and that no change could make.
func (e *examination) cannotMake(path string) bool {
	dir := filepath.Dir(path)
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if mayWrite(dir) {
		return false
	}
	e.bad("state", "the folder "+dir+" cannot be written to, and without a state file there are no changes",
		"Allow it, or name a file elsewhere: --state FILE.")
	return true
}

// history tells of the latest change of a state, if there is one.
func (e *examination) history(place string, latest []change.Summary) {
	if len(latest) == 0 {
		e.ok("state", "%s, no changes yet", place)
		return
	}
	e.ok("state", "%s, last change %s", place, latest[0].Change.CreatedAt.Local().Format(time.DateTime))
}

// checkFreeze tells of writes that are frozen.
func checkFreeze(ctx context.Context, e *examination, store change.Store, state string) {
	if f, frozen, err := store.Shared().Stops.Frozen(ctx); err == nil && frozen {
		e.bad("state", (&change.FrozenError{Freeze: f}).Error(),
			"intercom-mcp unfreeze --state '"+state+"' allows writes again.")
	}
}

// checkNotices tells where notices do not arrive.
func checkNotices(ctx context.Context, e *examination, outbox change.Outbox) {
	waiting, err := outbox.Waiting(ctx, change.MaxNotices)
	if err == nil && len(waiting) > 0 && waiting[0].Tried > 0 {
		e.bad("notices", fmt.Sprintf("notices that wait to be sent: %d; the oldest was tried in vain: %s", len(waiting),
			waiting[0].Problem), "See whether the receiver of --notify is there, and what it answers.")
	}
}

// checkClients tells which clients of this machine start the server.
func checkClients(e *examination) {
	found := 0
	for _, client := range clients.All(e.host.env) {
		if !client.Installed() {
			continue
		}
		found++
		server, err := client.Has("intercom")
		switch {
		case err != nil:
			e.bad("client", client.Name+": "+err.Error(), "Fix the file; until then the client starts no server.")
		case server == nil:
			e.remark("client", "%s does not start the server; 'intercom-mcp init --client %s' adds it", client.Name, client.ID)
		case server.Command == "":
			e.remark("client", "%s calls %s", client.Name, server.URL)
		default:
			if _, err := os.Stat(server.Command); err != nil {
				e.bad("client", client.Name+" starts "+server.Command+", which is not there", "Run 'intercom-mcp init' again.")
				continue
			}
			e.ok("client", "%s starts %s", client.Name, server.Command)
		}
	}
	if found == 0 {
		e.remark("client", "no MCP client was found on this machine")
	}
}
