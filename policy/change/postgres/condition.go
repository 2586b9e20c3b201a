package postgres

import (
	"fmt"
	"slices"
	"strings"
)

// condition is what a query asks of its rows, with the arguments that it names by their numbers.
type condition struct {
	all  []string
	args []any
}

// add asks one thing more. Its text has a $%d for each argument.
func (c *condition) add(text string, args ...any) {
	numbers := make([]any, len(args))
	for i := range args {
		numbers[i] = len(c.args) + i + 1
	}
	c.all = append(slices.Clip(c.all), fmt.Sprintf(text, numbers...))
	c.args = append(slices.Clip(c.args), args...)
}

// text is the condition as SQL; empty where nothing is asked.
func (c *condition) text() string {
	if len(c.all) == 0 {
		return ""
	}
	return `WHERE ` + strings.Join(c.all, ` AND `)
}
