package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// auditHelp are the help texts of trailFlags.
var auditHelp = helpTexts{
	"trail_contact": "Only of changes to this contact, by its id or e-mail; also a company or tag, by its id or name.",
	"trail_kind":    "Only of this kind, such as planned, approved, recorded, refused, call or frozen.",
}

// trailFlags select events of the trail.
type trailFlags struct {
	Contact   string `placeholder:"CONTACT" help:"@trail_contact"`
	Principal string `placeholder:"NAME" help:"Only of this principal, or of a person by e-mail."`
	Tool      string `placeholder:"TOOL" help:"Only of this tool."`
	Kind      string `placeholder:"KIND" help:"@trail_kind"`
	Change    string `placeholder:"CHANGE" help:"Only of this change."`
	Since     string `placeholder:"WHEN" help:"Only events since then: 24h, 2026-11-01 or 2026-11-01T09:00:00Z."`
	Until     string `placeholder:"WHEN" help:"Only events before then."`
}

// query is what the flags select.
func (f trailFlags) query(now time.Time) (q change.EventQuery, err error) {
	q = change.EventQuery{Kind: change.Kind(f.Kind), Change: f.Change, Principal: f.Principal, Tool: f.Tool,
		Target: f.Contact}
	if err := f.checkNames(); err != nil {
		return q, err
	}
	if q.Since, err = parseTime("--since", f.Since, now); err != nil {
		return q, err
	}
	q.Until, err = parseTime("--until", f.Until, now)
	return q, err
}

// checkNames refuses what no event can have: it would select nothing, which reads as if nothing had happened.
func (f trailFlags) checkNames() error {
	var kinds, names []string
	for _, kind := range change.Kinds() {
		kinds = append(kinds, string(kind))
	}
	for _, tool := range tools.Catalogue() {
		names = append(names, tool.Name)
	}
	switch {
	case f.Kind != "" && !slices.Contains(kinds, f.Kind):
		return &usageError{problem: fmt.Sprintf("there is no kind %q of events", f.Kind),
			try: "--kind " + strings.Join(kinds, ", ")}
	case f.Tool != "" && !slices.Contains(names, f.Tool):
		return &usageError{problem: fmt.Sprintf("there is no tool %q", f.Tool), try: nearestTools(f.Tool, tools.Catalogue())}
	case f.Change != "" && !change.IsID(f.Change):
		return &usageError{problem: fmt.Sprintf("%q is no change handle", f.Change), try: "intercom-mcp changes list"}
	}
	return nil
}

// readTrail opens the trail for a command, and has read take what the flags select of it.
func (f trailFlags) readTrail(h *host, command string, from recordFlags,
	read func(store change.Durable, query change.EventQuery) error) (err error) {
	query, err := f.query(time.Now())
	if err != nil {
		return err
	}
	store, err := from.openTrail(h, command)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return read(store, query)
}

// auditListCmd prints the trail.
type auditListCmd struct {
	trailFlags
	JSON bool `xor:"format" help:"Print one JSON object per line: the event, and the SHA-256 of the event's JSON."`
	CSV  bool `name:"csv" xor:"format" help:"Print a table for spreadsheets, with what each event is about by name."`
	recordFlags
}

// Run implements the command.
func (c *auditListCmd) Run(ctx context.Context, h *host) error {
	return c.readTrail(h, "audit list", c.recordFlags, func(store change.Durable, query change.EventQuery) error {
		return c.print(ctx, h, store, query)
	})
}

// print prints the events that a query selects.
func (c *auditListCmd) print(ctx context.Context, h *host, store change.Durable, query change.EventQuery) error {
	people := &eventPrinter{store: store}
	if c.CSV {
		return outputFlags{Format: "csv"}.writeWhole(h, "trail",
			&tools.Exported{Columns: eventColumns, Rows: people.rows(ctx, query)})
	}
	printed := false
	for event, err := range store.Events(ctx, query) {
		printed = true
		switch {
		case err != nil:
			return err
		case c.JSON:
			err = showEventJSON(h.stdout, event)
		default:
			err = people.show(ctx, h.stdout, event)
		}
		if err != nil {
			return err
		}
	}
	if !printed {
		fmt.Fprintln(h.stderr, "The trail has no such events.")
	}
	return nil
}

// eventPrinter prints events for people: items are named by what they are, as the change has them.
type eventPrinter struct {
	store  change.Durable
	latest change.Change // whose items are known
}

// proofs are the facts that only [change.Durable.VerifyAudit] has a use for.
var proofs = []string{"binding", "digest", "head", "state"}

// eventColumns are the columns of a table of events.
var eventColumns = []string{"seq", "time", "kind", "change", "principal", "facts"}

// rows are events as a table has them, times in UTC.
func (p *eventPrinter) rows(ctx context.Context, query change.EventQuery) iter.Seq2[tools.ExportedRow, error] {
	return func(yield func(tools.ExportedRow, error) bool) {
		for e, err := range p.store.Events(ctx, query) {
			row := tools.ExportedRow{Total: -1, Values: []any{json.Number(strconv.FormatInt(e.Seq, 10)),
				e.Time.UTC().Format(time.RFC3339), string(e.Kind), e.Change, e.Principal, strings.Join(p.facts(ctx, &e), " ")}}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// show prints an event on one line.
func (p *eventPrinter) show(ctx context.Context, w io.Writer, e change.Event) error {
	_, err := fmt.Fprintf(w, "%6d  %s  %-9s  %-30s  %s  %s\n",
		e.Seq, e.Time.Local().Format(time.DateTime), e.Kind, e.Change, e.Principal, strings.Join(p.facts(ctx, &e), " "))
	return err
}

// facts are the facts of an event that tell people something, in the order of their names.
func (p *eventPrinter) facts(ctx context.Context, e *change.Event) []string {
	facts := make([]string, 0, len(e.Facts))
	for _, name := range slices.Sorted(maps.Keys(e.Facts)) {
		if e.Facts[name] == "" || slices.Contains(proofs, name) || name == "reasons" && e.Kind == change.KindRecorded {
			continue
		}
		facts = append(facts, p.fact(ctx, e, name))
	}
	return facts
}

// namedItems is how many items one fact names.
const namedItems = 3

// fact is a fact of an event. Items are named, the first few of them.
func (p *eventPrinter) fact(ctx context.Context, e *change.Event, name string) string {
	plain := fmt.Sprintf("%s=%q", name, e.Facts[name])
	if _, named := e.Items(name, math.MaxInt); !named {
		return plain
	}
	if p.latest.ID != e.Change {
		found, err := p.store.Find(ctx, e.Change)
		if err != nil {
			return plain // the trail tells of a change that is gone
		}
		p.latest = found
	}
	items, ok := e.Items(name, len(p.latest.Items))
	if !ok {
		return plain
	}
	var names []string
	for _, i := range items[:min(len(items), namedItems)] {
		item := &p.latest.Items[i]
		known := item.Label
		if known == "" {
			known = item.TargetID
		}
		names = append(names, fmt.Sprintf("%q", known))
	}
	if more := len(items) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return name + ": " + strings.Join(names, ", ")
}

// showEventJSON prints an event and its hash for a program, on one line.
func showEventJSON(w io.Writer, e change.Event) error {
	body, err := e.Body()
	if err != nil {
		return err
	}
	line, err := json.Marshal(struct {
		Hash  string          `json:"hash"`
		Event json.RawMessage `json:"event"`
	}{e.Hash, body})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}
