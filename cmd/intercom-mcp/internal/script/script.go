package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"intercom-mcp/schemas"
	"intercom-mcp/tools"
)

// Script is one script: a workspace, what is offered in it, and the steps taken.
type Script struct {
	Path     string     `yaml:"-"`        // of its file
	Name     string     `yaml:"name"`     // for the report
	About    string     `yaml:"about"`    // for readers
	Mode     string     `yaml:"mode"`     // as the flag --mode; empty leaves it
	Policy   string     `yaml:"policy"`   // as the flag --policy, relative to the script; empty leaves it
	Toolsets []string   `yaml:"toolsets"` // as the flag --toolsets; nil leaves it
	Sandbox  *Workspace `yaml:"sandbox"`  // nil: the default workspace
	Steps    []Step     `yaml:"steps"`
	Clock    Clock      `yaml:"-"` // the policy's
}

// Load reads and checks the script at path. An error names the place of the problem.
func Load(path string) (*Script, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the script: %w", err)
	}
	s := &Script{Path: path}
	if err := s.parse(text); err != nil {
		return nil, inFile(path, err)
	}
	if s.Policy != "" {
		s.Policy = filepath.Join(filepath.Dir(path), s.Policy)
	}
	return s, nil
}

// parse reads the script from text.
func (s *Script) parse(text []byte) error {
	if err := decodeFile(text, s, "a script is one YAML map with steps"); err != nil {
		return err
	}
	if len(s.Steps) == 0 {
		return &problem{1, 1, "a script needs at least one step"}
	}
	saved := make(map[string]bool)
	for i := range s.Steps {
		if err := s.Steps[i].checkVariables(saved); err != nil {
			return err
		}
	}
	return nil
}

// decodeFile decodes the one document of a file into target; what says what the file is to be.
func decodeFile(text []byte, target any, what string) error {
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return err
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return &problem{1, 1, what}
	}
	return decodeStrictly(parsed.Docs[0].Body, target)
}

// decodeStrictly decodes node into target and refuses unknown keys, all of a map, each with the nearest known one.
func decodeStrictly(node ast.Node, target any) error {
	err := yaml.NodeToValue(node, target, yaml.Strict())
	var unknown *yaml.UnknownFieldError
	if !errors.As(err, &unknown) || unknown.GetToken() == nil {
		return err
	}
	at := unknown.GetToken()
	known := keysOf(target)
	var told []string
	if fields, ok := node.(ast.MapNode); ok {
		for entry := fields.MapRange(); entry.Next(); {
			key := keyOf(entry)
			if slices.Contains(known, key) {
				continue
			}
			if len(told) == 0 {
				at = entry.Key().GetToken()
			}
			word := strconv.Quote(key)
			if near := schemas.Nearest(key, known, 1); len(near) > 0 {
				word += fmt.Sprintf(" (nearest: %q)", near[0])
			}
			told = append(told, word)
		}
	}
	switch near := schemas.Nearest(at.Value, known, 1); {
	case len(told) > 1:
		return &problem{at.Position.Line, at.Position.Column, "unknown fields " + strings.Join(told, ", ")}
	case len(near) > 0:
		return &problem{at.Position.Line, at.Position.Column, fmt.Sprintf("%s; nearest: %q", unknown.GetMessage(), near[0])}
	}
	return err
}

// keysOf lists the keys that a struct takes.
func keysOf(target any) []string {
	var keys []string
	for field := range reflect.TypeOf(target).Elem().Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

// Run takes the steps one after another, as principal, until one fails; report gets all of it, those skipped included.
// The error is for a script that could not be run.
func (s *Script) Run(ctx context.Context, caller tools.Caller, principal string, report *Report) error {
	report.begin(s)
	vars := make(variables)
	stopped := false
	for i := range s.Steps {
		step := &s.Steps[i]
		if stopped {
			report.skip(s, step)
			continue
		}
		if !step.at.IsZero() {
			s.Clock.at.Store(&step.at)
		}
		began := time.Now()
		err := step.run(ctx, caller, principal, vars)
		var failure *problem
		if err != nil && !errors.As(err, &failure) {
			return fmt.Errorf("%s: line %d: %s: %w", s.Path, step.line, step.Call, err)
		}
		report.step(s, step, failure, time.Since(began))
		stopped = failure != nil
	}
	return nil
}
