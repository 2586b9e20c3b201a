package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/sqlite"
)

// stateInfoCmd sums up what is kept.
type stateInfoCmd struct {
	JSON   bool   `help:"Print JSON."`
	Policy string `variable:"INTERCOM_POLICY" type:"path" placeholder:"FILE" help:"@state_info_policy"`
	recordFlags
}

// stateInfo is what the command prints as JSON.
type stateInfo struct {
	Place        string                `json:"place"`
	Version      int                   `json:"version"`
	Workspace    string                `json:"workspace,omitempty"`
	Bytes        int64                 `json:"bytes"`
	Changes      map[change.Status]int `json:"changes"`
	Items        int64                 `json:"items"`
	Purged       int                   `json:"purged"`
	Oldest       *time.Time            `json:"oldest,omitempty"`
	Waiting      int                   `json:"waiting"`
	WaitingBytes int64                 `json:"waiting_bytes"`
	FirstEvent   int64                 `json:"first_event"`
	Head         string                `json:"head"`
	Frozen       bool                  `json:"frozen"`
	ValuesDays   int                   `json:"values_kept_days"`
	RecordsDays  int                   `json:"records_kept_days,omitempty"` // 0: for good
	Folder       string                `json:"exports,omitempty"`           // to which older ones go
	CutTo        int64                 `json:"cut_to,omitempty"`            // last event that was cut off
	CutAt        *time.Time            `json:"cut_at,omitempty"`

	cut *change.CutRecord
}

// Run implements the command.
func (c *stateInfoCmd) Run(ctx context.Context, h *host) (err error) {
	policies, err := policyFlags{Policy: c.Policy}.load()
	if err != nil {
		return err
	}
	keep := policies.current.Load().Retention
	store, err := c.openTrail(h, "state info")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	info, err := store.Info(ctx, time.Now())
	if err != nil {
		return err
	}
	summary := stateInfo{
		Place: placeOf(store), Version: info.Version, Workspace: info.Workspace, Bytes: info.Bytes, Changes: info.Changes,
		Items: info.Items, Purged: info.Purged, Waiting: info.Waiting, WaitingBytes: info.WaitingBytes,
		FirstEvent: info.First, Head: info.Head.String(), Frozen: info.Frozen,
		ValuesDays: int(keep.Values / (24 * time.Hour)), RecordsDays: int(keep.Records / (24 * time.Hour)),
		Folder: keep.Folder, cut: info.Cut,
	}
	if info.Cut != nil {
		summary.CutTo, summary.CutAt = info.Cut.To.Seq, &info.Cut.At
	}
	if !info.Oldest.IsZero() {
		summary.Oldest = &info.Oldest
	}
	if c.JSON {
		encoder := json.NewEncoder(h.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(summary)
	}
	_, err = fmt.Fprint(h.stdout, summary.text())
	return err
}

// placeOf is where a store is, for people, without secrets.
func placeOf(store change.Durable) string {
	switch store := store.(type) {
	case *sqlite.Store:
		return store.Path()
	case *postgres.Store:
		return store.Place()
	}
	return ""
}

// text is what the command prints for people.
func (i *stateInfo) text() string {
	var out strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&out, "%-10s "+format+"\n", append([]any{name}, args...)...)
	}
	line("state", "%s (version %d, %.1f MB)", i.Place, i.Version, float64(i.Bytes)/1e6)
	if i.Workspace != "" {
		line("workspace", "%s", i.Workspace)
	}
	total, parts := 0, []string{}
	for _, status := range change.Statuses() {
		if n := i.Changes[status]; n > 0 {
			total += n
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if total == 0 {
		parts = []string{"none"}
	}
	line("changes", "%d of %d records: %s", total, i.Items, strings.Join(parts, ", "))
	if i.Oldest != nil {
		line("oldest", "%s", i.Oldest.Format(time.RFC3339))
	}
	line("waiting", "%d changes, %.1f MB", i.Waiting, float64(i.WaitingBytes)/1e6)
	line("trail", "events %d to %s", i.FirstEvent, i.Head)
	if i.Frozen {
		line("frozen", "writes are refused")
	}
	if i.cut != nil {
		line("cut", "%s", cutText(i.cut))
	}
	records := "for good"
	if i.RecordsDays > 0 {
		records = fmt.Sprintf("%d days, then exported to %s", i.RecordsDays, i.Folder)
	}
	line("kept", "values %d days (%d changes have lost theirs), records and trail %s", i.ValuesDays, i.Purged, records)
	return out.String()
}
