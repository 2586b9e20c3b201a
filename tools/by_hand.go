package tools

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"intercom-mcp/tools/toolerr"
)

// forPerson words an error for who makes the call by hand: what an agent does by tools, they do by commands.
func forPerson(err *toolerr.Error) *toolerr.Error {
	told := err.ForPerson()
	told.Next = withCommands(told.Next)
	told.ByHand = told.Next
	return told
}

// worded is what an agent is told, or who makes the call by hand.
func (s *session) worded(agent, person string) string {
	if s.call.ByHand == "" {
		return agent
	}
	return withCommands(person)
}

// toolWord matches the words of a text, each with what says already that it is called, or described.
var toolWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(intercom-mcp (?:call|tools) |call )?([\w.]*\w)`) })

// withCommands puts the commands that call tools in the place of their names.
func withCommands(str string) string {
	return toolWord().ReplaceAllStringFunc(str, func(match string) string {
		call, name := "", match
		if at := strings.LastIndexByte(match, ' '); at >= 0 {
			call, name = match[:at+1], match[at+1:]
		}
		isTool := func(t Tool) bool { return t.Name == name }
		switch {
		case strings.HasPrefix(call, "intercom-mcp "), !strings.Contains(name, "_"),
			!slices.ContainsFunc(Catalogue(), isTool):
			return match
		case call != "":
			call = "run "
		}
		return call + "'intercom-mcp call " + name + "'"
	})
}
