package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve"
)

// toolsCmd lists the tools that are offered.
type toolsCmd struct {
	Tool     string `arg:"" optional:"" help:"One tool: what it does, its arguments, and an example."`
	JSON     bool   `xor:"form" help:"Print exactly what MCP's tools/list sends."`
	Markdown bool   `xor:"form" help:"Print Markdown tables of the sets and the tools."`
	offerFlags
}

// Run implements the command. No Intercom is asked.
func (c *toolsCmd) Run(ctx context.Context, h *host) (err error) {
	empty := sandbox.New(sandbox.Options{Contacts: -1, Companies: -1})
	service, err := c.start(sandboxConfig(empty, ""), change.NewMemory(maxChanges), nil, nil, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	switch {
	case c.Tool != "":
		return h.helpTool(c.Tool)
	case c.JSON:
		list, err := serve.ToolList(serve.Options{Version: thisBuild().version, Caller: service.pipeline})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h.stdout, "%s\n", list)
		return err
	case c.Markdown:
		return markdownTables(h.stdout, service.pipeline.Tools())
	}
	return textTable(h.stdout, h.style(h.stdout), service.pipeline.Tools())
}

// textTable prints tools for a terminal, in the order of the catalogue.
func textTable(w io.Writer, style terminal.Style, listed []tools.Tool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "SET\tTOOL\tEFFECT\tTITLE\n")
	for _, tool := range listed {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", tool.Set.Name, tool.Name, tool.Effect, style.Faint(tool.Title))
	}
	return table.Flush()
}

// markdownTables prints the sets there are and the tools listed, as the tables of the README.
func markdownTables(w io.Writer, listed []tools.Tool) error {
	var out strings.Builder
	out.WriteString("| Set | Offered | What it is about |\n|---|---|---|\n")
	for _, set := range tools.Sets() {
		offered := "by default"
		if !set.Default {
			offered = "when named"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", set.Name, offered, set.Doc)
	}
	out.WriteString("\n| Set | Tool | Effect | What it does |\n|---|---|---|---|\n")
	var set string
	for _, tool := range listed {
		shown := tool.Set.Name
		if shown == set {
			shown = ""
		}
		set = tool.Set.Name
		fmt.Fprintf(&out, "| %s | `%s` | %s | %s |\n", shown, tool.Name, tool.Effect, cmp.Or(tool.Title, tool.Name))
	}
	_, err := io.WriteString(w, out.String())
	return err
}
