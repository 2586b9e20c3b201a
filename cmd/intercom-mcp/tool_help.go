package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/policy"
	"intercom-mcp/schemas"
	"intercom-mcp/tools"
)

// argument is a part of a tool's input schema.
type argument struct {
	Type        string              `json:"type"`
	Description string              `json:"description"`
	Enum        []string            `json:"enum"`
	Required    []string            `json:"required"`
	Properties  map[string]argument `json:"properties"`
	Items       *argument           `json:"items"`
	MaxItems    int                 `json:"maxItems"`
	Minimum     *json.Number        `json:"minimum"`
	Maximum     *json.Number        `json:"maximum"`
}

// inputOf reads the schema of a tool's input.
func inputOf(tool string) (*argument, error) {
	schema, err := schemas.Input(tool)
	if err != nil {
		return nil, err
	}
	a := new(argument)
	if err := json.Unmarshal(schema, a); err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", tool, err)
	}
	return a, nil
}

// helpTool prints the help of any tool of the catalogue.
func (h *host) helpTool(name string) error {
	all := tools.Catalogue()
	i := slices.IndexFunc(all, func(t tools.Tool) bool { return t.Name == name })
	if i < 0 {
		return &usageError{problem: fmt.Sprintf("there is no tool %q", name), try: nearestTools(name, all)}
	}
	return helpTool(h.stdout, h.style(h.stdout), terminal.Columns(h.stdout), &all[i])
}

// asksForTool returns the tool that 'help TOOL', 'call --help TOOL' and 'call TOOL --help' ask for.
func asksForTool(args []string) (string, bool) {
	isNamed := func(tool tools.Tool) bool { return tool.Name == args[0] }
	if len(args) == 2 && args[1] == "--help" && slices.ContainsFunc(tools.Catalogue(), isNamed) {
		return args[0], true
	}
	if args[0] != "call" || !slices.Contains(args, "--help") && !slices.Contains(args, "-h") {
		return "", false
	}
	i := slices.IndexFunc(args[1:], func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if i < 0 {
		return "", false
	}
	return args[1+i], true
}

// helpTool prints what a tool does, its arguments with their types, and an example, for a terminal of so many columns;
// 0 stands for what is none.
func helpTool(w io.Writer, style terminal.Style, columns int, tool *tools.Tool) error {
	input, err := inputOf(tool.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s  %s\n\n%s\n", style.Bold(tool.Name), style.Faint(string(tool.Effect)+", set "+tool.Set.Name),
		terminal.Wrap(tool.Doc, columns))
	if len(input.Properties) > 0 {
		fmt.Fprintf(w, "\nArguments, * is required:\n")
		printArguments(w, style, columns, input.list(""))
	}
	example, err := exampleOf(tool.Name, input)
	if err != nil {
		return err
	}
	mode := ""
	if tool.Effect == policy.Destroy {
		mode = " --mode full"
	}
	_, err = fmt.Fprintf(w, "\nExample:\n  intercom-mcp call %s '%s' --sandbox%s\n", tool.Name, example, mode)
	return err
}

// names lists the properties, the required ones first.
func (a *argument) names() []string {
	names := make([]string, 0, len(a.Properties))
	for name := range a.Properties {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		if rx, ry := slices.Contains(a.Required, x), slices.Contains(a.Required, y); rx != ry {
			if rx {
				return -1
			}
			return 1
		}
		return strings.Compare(x, y)
	})
	return names
}

// argumentLine is what help says of an argument.
type argumentLine struct{ name, kind, about string }

// printArguments prints arguments in three columns, or, where these are too wide, each with what is said of it below.
func printArguments(w io.Writer, style terminal.Style, columns int, lines []argumentLine) {
	names, kinds, abouts := 0, 0, 0
	for _, line := range lines {
		names, kinds = max(names, utf8.RuneCountInString(line.name)), max(kinds, utf8.RuneCountInString(line.kind))
		abouts = max(abouts, utf8.RuneCountInString(line.about))
	}
	const below = "\n      "
	under := func(text string) string {
		return below + strings.ReplaceAll(terminal.Wrap(text, columns-len(below)), "\n", below)
	}
	for _, line := range lines {
		if columns > 0 && 2+names+2+kinds+2+abouts > columns {
			kind := "  " + line.kind
			if 2+len(line.name)+len(kind) > columns {
				kind = under(strings.ReplaceAll(line.kind, "|", " | "))
			}
			fmt.Fprintf(w, "  %s%s%s\n", line.name, kind, style.Faint(under(line.about)))
			continue
		}
		fmt.Fprintf(w, "  %-*s  %-*s  %s\n", names, line.name, kinds, line.kind, style.Faint(line.about))
	}
}

// list lists the properties of an object, those of objects in it too.
func (a *argument) list(prefix string) (lines []argumentLine) {
	for _, name := range a.names() {
		p := a.Properties[name]
		mark := " "
		if slices.Contains(a.Required, name) {
			mark = "*"
		}
		lines = append(lines, argumentLine{mark + prefix + name, p.kind(), p.Description})
		switch {
		case p.Properties != nil:
			lines = append(lines, p.list(prefix+name+".")...)
		case p.Items != nil && p.Items.Properties != nil:
			lines = append(lines, p.Items.list(prefix+name+"[].")...)
		}
	}
	return lines
}

// kind words the type of an argument.
func (a *argument) kind() string {
	kind := a.Type
	switch {
	case len(a.Enum) > 0:
		kind = strings.Join(a.Enum, "|")
	case a.Type == "array" && a.Items != nil:
		kind = "list of " + a.Items.kind()
		if a.MaxItems > 0 {
			kind += fmt.Sprintf(", at most %d", a.MaxItems)
		}
	case a.Minimum != nil && a.Maximum != nil:
		kind += fmt.Sprintf(" %s to %s", *a.Minimum, *a.Maximum)
	}
	return kind
}

// exampleValues are values of arguments by their names, as they are in the embedded Intercom.
var exampleValues = map[string]any{
	"contact": "external_id:u-10001", "contacts": []string{"external_id:u-10001", "external_id:u-10002"}, "tag": "VIP",
	"company": "company_id:acme", "change": "chg_00000000000000000000000000", "set": map[string]any{"name": "Ann"},
	"body": "Called back.",
}

// wholeExamples are the arguments of tools that no example by names fits.
var wholeExamples = map[string]string{
	"create_contact":       `{"set":{"email":"new@example.com","name":"Ann"}}`,
	"bulk_update_contacts": `{"where":[{"field":"tag","operator":"=","value":"Beta tester"}],"set":{"add_tags":["VIP"]}}`,
	"search_contacts":      `{"where":[{"field":"role","operator":"=","value":"lead"}],"limit":5}`,
	"find_companies":       `{"query":"acme"}`,
	"save_company":         `{"company":"company_id:acme","set":{"name":"Acme Ltd"}}`,
	"create_tag":           `{"name":"Onboarding"}`,
	"delete_tag":           `{"tag":"Beta tester"}`,
	"merge_contacts":       `{"contact":"6790997bc4f5a58656010043","into":"63fcd197c4f5a58656010041"}`,
}

// exampleOf is an example of a tool's arguments.
func exampleOf(tool string, input *argument) ([]byte, error) {
	if example, ok := wholeExamples[tool]; ok {
		return []byte(example), nil
	}
	return json.Marshal(input.example(""))
}

// example makes an example of an argument that has a name.
func (a *argument) example(name string) any {
	if a.Properties == nil || name == "set" {
		if value, ok := exampleValues[name]; ok {
			return value
		}
	}
	switch a.Type {
	case "object":
		object := make(map[string]any)
		for _, name := range a.Required {
			p := a.Properties[name]
			object[name] = p.example(name)
		}
		return object
	case "array":
		return []any{a.Items.example("")}
	case "integer", "number":
		return 1
	case "boolean":
		return true
	}
	if len(a.Enum) > 0 {
		return a.Enum[0]
	}
	return "…"
}
