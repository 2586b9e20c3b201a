package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"text/tabwriter"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/schemas"
)

//go:embed docs/*.md
var pages embed.FS

// docsPages lists the pages by name.
func docsPages() (names []string) {
	files, _ := fs.Glob(pages, "docs/*.md") // the pattern is good
	for _, file := range files {
		names = append(names, strings.TrimSuffix(path.Base(file), ".md"))
	}
	return names
}

// docsCmd prints a page of the documentation that is in the program.
type docsCmd struct {
	Page string `arg:"" optional:"" help:"The page; when absent, the pages are listed."`
}

// Run implements the command.
func (c *docsCmd) Run(_ context.Context, h *host) error {
	names := docsPages()
	table := tabwriter.NewWriter(h.stdout, 0, 0, 2, ' ', 0)
	for _, name := range names {
		text, err := pages.ReadFile("docs/" + name + ".md")
		if err != nil {
			return err
		}
		if name == c.Page {
			return h.printPage(string(text))
		}
		title, _, _ := strings.Cut(string(text), "\n")
		fmt.Fprintf(table, "%s\t%s\n", name, strings.TrimPrefix(title, "# "))
	}
	if c.Page == "" {
		return table.Flush()
	}
	try := "intercom-mcp docs"
	if near := schemas.Nearest(c.Page, names, 3); len(near) > 0 {
		try = "intercom-mcp docs " + near[0]
	}
	return &usageError{problem: fmt.Sprintf("there is no page %q", c.Page), try: try}
}

// printPage prints a page: laid out on a terminal, as it is to whatever else reads it.
func (h *host) printPage(text string) error {
	if columns := terminal.Columns(h.stdout); columns > 0 {
		text = terminal.Page(text, columns, h.style(h.stdout))
	}
	_, err := io.WriteString(h.stdout, text)
	return err
}
