package tools

import "errors"

// The errors that are no tool results, but protocol errors.
var (
	// ErrUnknownTool: no tool of that name is listed.
	ErrUnknownTool = errors.New("unknown tool")
	// ErrBadAnswer: the answer belongs to no question that was asked.
	ErrBadAnswer = errors.New("the answer belongs to no open question")
)
