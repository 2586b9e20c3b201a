package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/exports"
)

// auditCmd reads the trail of what was planned, decided, sent and recorded.
type auditCmd struct {
	List   auditListCmd   `cmd:"" default:"withargs" help:"Print the audit trail, oldest first."`
	Verify auditVerifyCmd `cmd:"" help:"Check that the audit trail is as it was written, and print its head."`
}

// recordFlags name the state that a command works on without asking Intercom.
type recordFlags struct {
	Token     string `variable:"INTERCOM_ACCESS_TOKEN" placeholder:"TOKEN" help:"Access token whose changes are meant."`
	TokenFile string `variable:"INTERCOM_TOKEN_FILE" type:"path" placeholder:"FILE" help:"File that holds it."`
	endpointFlags
	stateFlags
}

// open opens, by opener, the store, which must exist.
func (f recordFlags) open(h *host, command, missing string,
	opener stateOpener) (change.Durable, error) {
	workspace := workspaceFlags{Token: f.Token, TokenFile: f.TokenFile, endpointFlags: f.endpointFlags}
	return f.stateFlags.openExisting(h, workspace, command, missing, opener)
}

// openTrail opens the store of a trail for a command that reads it.
func (f recordFlags) openTrail(h *host, command string) (change.Durable, error) {
	return f.open(h, command, "there is no audit trail yet", toRead)
}

// auditVerifyCmd checks the trail.
type auditVerifyCmd struct {
	Head   []string `placeholder:"SEQ:SHA256" help:"Head that an earlier check printed; the trail must still hold it."`
	Export string   `type:"path" placeholder:"FOLDER" help:"@audit_export"`
	recordFlags
}

// Run implements the command.
func (c *auditVerifyCmd) Run(ctx context.Context, h *host) (err error) {
	noted := make([]change.Head, len(c.Head))
	for i, text := range c.Head {
		if noted[i], err = change.ParseHead(text); err != nil {
			return &usageError{problem: err.Error()}
		}
	}
	store, err := c.openTrail(h, "audit verify")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	found, err := c.verify(ctx, store, noted)
	if err != nil {
		return err
	}
	erased := ""
	if found.Erased > 0 {
		erased = fmt.Sprintf(", of which erasures replaced %d (audit list --kind erased tells which)", found.Erased)
	}
	kept, cut := found.Head.Seq, ""
	if found.Cut != nil {
		kept -= found.Cut.To.Seq
		cut = "cut: " + cutText(found.Cut) + "\n"
	}
	_, err = fmt.Fprintf(h.stdout, "intact: %d events%s\n%shead: %s\n", kept, erased, cut, found.Head)
	if len(found.Unchecked) > 0 && err == nil {
		err = fmt.Errorf("the head %s is of what was cut off, and is proved by the exports alone: audit verify --export %s",
			found.Unchecked[0], found.Cut.Exported.Folder)
	}
	return err
}

// verify checks the trail, with what was cut off it where that is named.
func (c *auditVerifyCmd) verify(ctx context.Context, store change.Durable, noted []change.Head) (change.Verified,
	error) {
	if c.Export == "" {
		return store.VerifyAudit(ctx, noted...)
	}
	return exports.Verify(ctx, store, c.Export, noted...)
}

// cutText tells people of the latest cut.
func cutText(cut *change.CutRecord) string {
	return fmt.Sprintf("events up to %d on %s, exported to %s (%s, %s)", cut.To.Seq, cut.At.Format(time.DateOnly),
		cut.Exported.Folder, cut.Exported.Trail, cut.Exported.Records)
}
