package main

import (
	"cmp"
	"context"
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
	JSON     bool `xor:"form" help:"Print exactly what MCP's tools/list sends."`
	Markdown bool `xor:"form" help:"Print a Markdown table."`
	offerFlags
}

// Run implements the command. No Intercom is asked.
func (c *toolsCmd) Run(_ context.Context, h *host) error {
	empty := sandbox.New(sandbox.Options{Contacts: -1, Companies: -1})
	service, err := c.start(sandboxConfig(empty, ""), change.NewMemory(maxChanges), nil, nil)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		list, err := serve.ToolList(serve.Options{Version: thisBuild().version, Caller: service.pipeline})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h.stdout, "%s\n", list)
		return err
	case c.Markdown:
		return markdownTable(h.stdout, service.pipeline.Tools())
	}
	return textTable(h.stdout, h.style(h.stdout), service.pipeline.Tools())
}

// textTable prints tools for a terminal, in the order of the catalogue.
func textTable(w io.Writer, style terminal.Style, listed []tools.Tool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "SET\tTOOL\tEFFECT\tTITLE\n")
	for _, tool := range listed {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", tool.Set, tool.Name, tool.Effect, style.Faint(tool.Title))
	}
	return table.Flush()
}

// markdownTable prints tools as the table of the README.
func markdownTable(w io.Writer, listed []tools.Tool) error {
	var out strings.Builder
	out.WriteString("| Set | Tool | Effect | What it does |\n|---|---|---|---|\n")
	var set string
	for _, tool := range listed {
		shown := tool.Set
		if tool.Set == set {
			shown = ""
		}
		set = tool.Set
		fmt.Fprintf(&out, "| %s | `%s` | %s | %s |\n", shown, tool.Name, tool.Effect, cmp.Or(tool.Title, tool.Name))
	}
	_, err := io.WriteString(w, out.String())
	return err
}
