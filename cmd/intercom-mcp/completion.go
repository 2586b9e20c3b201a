package main

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// completionCmd prints what makes a shell complete command lines.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// completions holds a script for each shell, which asks completeCmd.
//
//go:embed completion/*
var completions embed.FS

// Run implements the command.
func (c *completionCmd) Run(h *host) error {
	script, err := completions.ReadFile("completion/" + c.Shell)
	if err != nil {
		return err
	}
	_, err = h.stdout.Write(script)
	return err
}

// completeCmd prints what the last word of a command line may become, one candidate on a line, with a tab and its help.
// Where there is none, the shell proposes files.
type completeCmd struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run implements the command.
func (c *completeCmd) Run(ctx context.Context, h *host) error {
	parser, err := h.parser(ctx, &cli{}, func(int) {})
	if err != nil {
		return err
	}
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	words, shown := joinValues(words)
	if len(words) > 1 && words[0] == "help" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	for _, found := range candidates(parser.Model.Node, words) {
		if word, _, _ := strings.Cut(found, "\t"); strings.HasPrefix(word, last) {
			fmt.Fprintln(h.stdout, strings.TrimPrefix(found, shown))
		}
	}
	return nil
}

// joinValues makes one word of a flag and its value again, which bash splits at the =. shown is what of the last word a
// candidate does not repeat there.
func joinValues(words []string) (line []string, shown string) {
	for i, word := range words {
		before := len(line) - 1
		switch {
		case word == "=" && before >= 0 && strings.HasPrefix(line[before], "--"):
			line[before] += "="
			shown = line[before]
		case i > 0 && words[i-1] == "=" && shown != "":
			line[before] += word
		default:
			line, shown = append(line, word), ""
		}
	}
	return line, shown
}

// candidates lists what may stand for the last of words, whatever it is.
func candidates(node *kong.Node, words []string) (all []string) {
	var wants *kong.Flag // whose value is next
	arguments := 0       // that stand before the last word
	for _, word := range words[:len(words)-1] {
		switch name, _, hasValue := strings.Cut(word, "="); {
		case wants != nil:
			wants = nil
		case strings.HasPrefix(word, "-"):
			if flag := flagOf(node, name); flag != nil && !flag.IsBool() && !hasValue {
				wants = flag
			}
		case arguments == 0 && childOf(node, word) != nil:
			node = childOf(node, word)
		default:
			arguments++
		}
	}
	last := words[len(words)-1]
	name, _, hasValue := strings.Cut(last, "=")
	switch {
	case wants != nil:
		return enumOf(wants.Value)
	case strings.HasPrefix(last, "-") && hasValue:
		if flag := flagOf(node, name); flag != nil {
			for _, word := range enumOf(flag.Value) {
				all = append(all, name+"="+word)
			}
		}
		return all
	case strings.HasPrefix(last, "-"):
		for _, group := range node.AllFlags(true) {
			for _, flag := range group {
				all = append(all, "--"+flag.Name+"\t"+describe(flag.Value))
			}
		}
		return all
	}
	for _, child := range node.Children {
		if !child.Hidden && arguments == 0 {
			all = append(all, child.Name+"\t"+child.Help)
		}
	}
	if node.Parent == nil && arguments == 0 {
		all = append(all, "help\tShow help.")
	}
	if arguments < len(node.Positional) {
		all = append(all, argumentOf(node.Positional[arguments])...)
	}
	return all
}

// childOf finds a command of a node by its name.
func childOf(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

// flagOf finds a flag of a node, or of those above it.
func flagOf(node *kong.Node, name string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, flag := range group {
			if name == "--"+flag.Name || flag.Short != 0 && name == "-"+string(flag.Short) {
				return flag
			}
		}
	}
	return nil
}

// argumentOf lists what an argument may be: a tool, a page, or one of its words.
func argumentOf(value *kong.Value) (all []string) {
	switch value.Name {
	case "tool":
		for _, tool := range tools.Catalogue() {
			all = append(all, tool.Name+"\t"+tool.Title)
		}
	case "page":
		all = docsPages()
	default:
		all = enumOf(value)
	}
	return all
}

// enumOf lists the words that a value may be, where they are known.
func enumOf(value *kong.Value) (all []string) {
	if value.Name == "mode" {
		return []string{string(policy.ModeRead), string(policy.ModeWrite), string(policy.ModeFull)}
	}
	for _, word := range value.EnumSlice() {
		if word != "" {
			all = append(all, word)
		}
	}
	return all
}
