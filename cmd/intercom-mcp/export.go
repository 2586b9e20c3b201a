package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// exportCmd writes tables.
type exportCmd struct {
	Contacts  exportContactsCmd  `cmd:"" help:"Export contacts."`
	Companies exportCompaniesCmd `cmd:"" help:"Export companies."`
	Change    exportChangeCmd    `cmd:"" help:"Export what a change did, part by part."`
	Trail     exportTrailCmd     `cmd:"" help:"Export the audit trail."`
}

// exportHelp are the help texts of the export commands and of outputFlags.
var exportHelp = helpTexts{
	"export_output": "Write to a file, and go on there where an export was cut off; standard output when absent.",
	"export_where":  "Such as 'role = user', or as JSON the where of search_contacts; all must hold.",
	"export_records": "Write audit records (SEP-3004) as JSON lines: its field names, and a hash chain that its " +
		"verifiers check.",
}

// exportContactsCmd exports contacts.
type exportContactsCmd struct {
	Query string   `placeholder:"TEXT" help:"Part of a name or e-mail."`
	Where []string `sep:"none" placeholder:"CONDITION" help:"@export_where"`
	Sort  string   `placeholder:"FIELD" help:"Field to sort by; -FIELD sorts downwards."`
	outputFlags
	Fields []string `placeholder:"FIELD" help:"The columns; when absent, all that import can write."`
	serviceFlags
}

// Run implements the command.
func (c *exportContactsCmd) Run(ctx context.Context, h *host) (err error) {
	search, err := c.search()
	if err != nil {
		return err
	}
	out, err := c.begin(h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	service, err := c.open(h, "export contacts", c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"}), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	exported, err := service.pipeline.ExportContacts(ctx, exportCall(false),
		tools.ContactExport{Search: search, Fields: entries(c.Fields), Next: out.cut.Next, Began: out.cut.Began})
	if err != nil {
		return h.refuse(err)
	}
	if c.Output != "" {
		me, err := service.client.Admins.Me(ctx)
		if err != nil {
			return err
		}
		if err := out.goOn(c.of(me.App.ID, exported.Columns)); err != nil {
			return err
		}
	}
	return out.write(exported)
}

// of is what the export is of.
func (c *exportContactsCmd) of(workspace string, columns []string) exportOf {
	format, address := c.Format, cmp.Or(c.BaseURL, c.Region)
	if c.Raw {
		format += ", raw"
	}
	if c.Sandbox {
		address = "the embedded Intercom"
	}
	one := func(value string) []string {
		return slices.DeleteFunc([]string{value}, func(s string) bool { return s == "" })
	}
	return exportOf{{"table", []string{"contacts"}}, {"workspace", one(workspace)}, {"address", one(address)},
		{"version", one(c.APIVersion)}, {"query", one(c.Query)}, {"where", c.Where}, {"sort", one(c.Sort)},
		{"time zone", one(c.TimeZone)}, {"columns", columns}, {"format", one(format)}}
}

// exportCall is the call of an export, of anyone's change where it is an operator's.
func exportCall(operator bool) tools.Call {
	return tools.Call{Principal: policy.LocalPrincipal, Operator: operator, ByHand: "export"}
}

// condition is a condition as people write it: role = user. It takes ==, so that the tool can say which operators there
// are.
var condition = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([^\s=!<>~^$]+)\s*(!=|>=|<=|!~|==|=|>|<|~|\^|\$|IN |NIN | empty$| present$)\s*(.*)$`)
})

// search is the arguments of search_contacts.
func (c *exportContactsCmd) search() (json.RawMessage, error) {
	args := make(map[string]any)
	if c.Query != "" {
		args["query"] = c.Query
	}
	if c.Sort != "" {
		args["sort"] = c.Sort
	}
	var where []any
	for _, text := range c.Where {
		filters, err := filtersOf(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		where = append(where, filters...)
	}
	if where != nil {
		args["where"] = where
	}
	return json.Marshal(args)
}

// filtersOf reads a --where: a condition as people write it, or filters as JSON, one or a list.
func filtersOf(text string) ([]any, error) {
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		var value any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			return nil, &usageError{problem: "--where is no JSON: " + err.Error(), try: "--where 'role = user'"}
		}
		if list, ok := value.([]any); ok {
			return list, nil
		}
		return []any{value}, nil
	}
	parts := condition().FindStringSubmatch(text)
	if parts == nil {
		return nil, &usageError{problem: fmt.Sprintf("--where %q is no condition", text),
			try: "--where 'role = user', --where 'last_seen_at < -90d', --where 'phone empty'"}
	}
	filter := map[string]any{"field": parts[1], "operator": strings.TrimSpace(parts[2])}
	switch filter["operator"] {
	case "IN", "NIN":
		filter["values"] = strings.Split(parts[3], ",")
	case "empty", "present":
	default:
		filter["value"] = parts[3]
	}
	return []any{filter}, nil
}

// exportCompaniesCmd exports companies.
type exportCompaniesCmd struct {
	outputFlags
	serviceFlags
}

// Run implements the command.
func (c *exportCompaniesCmd) Run(ctx context.Context, h *host) (err error) {
	service, err := c.open(h, "export companies", c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"}), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	exported, err := service.pipeline.ExportCompanies(ctx, exportCall(false))
	if err != nil {
		return h.refuse(err)
	}
	return c.writeWhole(h, "companies", exported)
}

// exportChangeCmd exports what a change did.
type exportChangeCmd struct {
	ID string `arg:"" name:"change" help:"Handle of the change, chg_…; 'changes list' shows them."`
	outputFlags
	serviceFlags
}

// Run implements the command.
func (c *exportChangeCmd) Run(ctx context.Context, h *host) (err error) {
	service, err := c.open(h, "export change", c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"}), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	exported, err := service.pipeline.ExportChange(ctx, exportCall(true), c.ID)
	if err != nil {
		return h.refuse(err)
	}
	return c.writeWhole(h, "change", exported)
}

// exportTrailCmd exports the audit trail.
type exportTrailCmd struct {
	trailFlags
	Records bool `help:"@export_records"`
	outputFlags
	recordFlags
}

// Run implements the command.
func (c *exportTrailCmd) Run(ctx context.Context, h *host) error {
	return c.readTrail(h, "export trail", c.recordFlags, func(store change.Durable, query change.EventQuery) error {
		return c.write(ctx, h, store, query)
	})
}

// write writes the events that a query selects.
func (c *exportTrailCmd) write(ctx context.Context, h *host, store change.Durable, query change.EventQuery) error {
	columns, row := []string{"seq", "time", "kind", "change", "principal", "facts", "hash"}, trailRow
	if c.Records {
		c.Format = "jsonl"
		records := &auditRecords{find: func(id string) (change.Change, error) { return store.Find(ctx, id) }}
		columns, row = auditRecordFields, records.row
	}
	rows := func(yield func(tools.ExportedRow, error) bool) {
		for e, err := range store.Events(ctx, query) {
			if !yield(tools.ExportedRow{Values: row(e), Total: -1}, err) || err != nil {
				return
			}
		}
	}
	return c.writeWhole(h, "trail", &tools.Exported{Columns: columns, Rows: rows})
}

// trailRow is an event as a row.
func trailRow(e change.Event) []any {
	facts := make([]string, 0, len(e.Facts))
	for _, name := range slices.Sorted(maps.Keys(e.Facts)) {
		facts = append(facts, name+"="+e.Facts[name])
	}
	return []any{json.Number(fmt.Sprint(e.Seq)), e.Time.UTC().Format(time.RFC3339Nano), string(e.Kind), e.Change,
		e.Principal, facts, e.Hash}
}
