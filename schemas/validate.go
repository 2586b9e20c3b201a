package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"intercom-mcp/schemas/strictjson"
)

// Validated are arguments that fit their tool's schema.
type Validated struct {
	// Args are the arguments as the tool gets them: the very bytes that came
	// in, or, where something was coerced, an equal document that fits.
	Args json.RawMessage
	// Coerced has a line for each value that was read as another type: `limit: "5" read as 5`. Nothing is ever lost by
	// that. After 20 lines one more counts the rest.
	Coerced []string
}

// ValidateInput checks the arguments of a call against the tool's schema. It returns either the arguments to go on
// with, or everything that is wrong with them, sorted by path. The error is for a tool without a usable schema.
//
// Before the check, values that can only mean one thing are coerced: "5" and 5.0 for an integer, "1.5" for a number,
// "true" for a boolean, 5 for a string (an id), a single string for an array of strings, a single object for an array
// of objects, JSON text for an array or object, and true, 12.0 or 1e3 for what a filter compares with. An optional
// argument that is null is absent; blanks around the name of an argument, or of one of a few values, do not count.
// Numbers stay exact; values within open objects stay as they are.
// An array has at most 1000 items, a text 64 KiB, and an object that is open to any names 250 members, if the schema
// does not say otherwise; what is beyond the bound is not looked at. All objects together have at most 6,000 members,
// those in JSON text counted apart. Of more than [MaxProblems] problems the first are told.
func ValidateInput(tool string, args json.RawMessage) (Validated, []Problem, error) {
	return embedded.validateInput(tool, args)
}

// ValidateOutput checks a tool's answer against its schema. The error says
// where which rule is broken, and repeats no value: it may be logged.
func ValidateOutput(tool string, answer json.RawMessage) error {
	return embedded.validateOutput(tool, answer)
}

func (l *library) validateInput(tool string, args json.RawMessage) (Validated, []Problem, error) {
	schema, err := l.schema(inputFile(tool))
	if err != nil {
		return Validated{}, nil, err
	}
	r := reader{depth: strictjson.MaxDepth + 1}
	doc, err := r.read(schema, args)
	if err != nil {
		return Validated{}, []Problem{r.refusal("", err)}, nil
	}
	c := coercion{coerced: r.trimmed}
	doc = c.value(schema, doc, "")
	problems, err := validate(schema, doc)
	if err != nil {
		return Validated{}, nil, err
	}
	problems = c.replaceRefused(problems)
	problems = append(problems, c.outOfRange(problems)...)
	problems = append(problems, slices.Concat(r.long, c.long)...)
	if len(problems) > 0 {
		problems = order(problems)
		return Validated{}, problems[:min(len(problems), MaxProblems)], nil
	}
	if len(c.coerced) > 0 || c.absent {
		if args, err = strictjson.Encode(doc); err != nil {
			return Validated{}, nil, fmt.Errorf("schemas: %w", err)
		}
	}
	return Validated{Args: args, Coerced: c.lines()}, nil, nil
}

func (l *library) validateOutput(tool string, answer json.RawMessage) error {
	schema, err := l.schema(outputFile(tool))
	if err != nil {
		return err
	}
	doc, err := decode(answer)
	if err != nil {
		return fmt.Errorf("schemas: the answer of %s is no JSON: %w", tool, err)
	}
	problems, err := validate(schema, doc)
	if err != nil || len(problems) == 0 {
		return err
	}
	var broken []string
	for _, p := range order(problems) {
		broken = append(broken, fmt.Sprintf("%s (%s)", named(p.Path), p.Kind))
	}
	return fmt.Errorf("schemas: the answer of %s breaks its schema at %s", tool, strings.Join(broken, ", "))
}

// validate runs the validator on a decoded value.
func validate(schema *jsonschema.Schema, doc any) ([]Problem, error) {
	err := schema.Validate(doc)
	if err == nil {
		return nil, nil
	}
	var found *jsonschema.ValidationError
	if !errors.As(err, &found) {
		return nil, fmt.Errorf("schemas: %w", err)
	}
	return explain(schema, doc, found), nil
}
