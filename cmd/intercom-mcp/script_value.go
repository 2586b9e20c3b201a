package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Values in scripts are JSON trees: map[string]any, []any, string, bool,
// json.Number and nil, so that they compare with answers, numbers exactly.

// normal turns decoded YAML into a JSON tree.
func normal(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		return v // YAML's own .nan and .inf, which no tool takes
	}
	tree, err := decodeTree(text)
	if err != nil {
		return v
	}
	return tree
}

// decodeTree reads JSON text as a tree.
func decodeTree(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	err := decoder.Decode(&tree)
	return tree, err
}

var (
	variable     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{([^}]*)\}`) })
	variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })
)

// variables are the values saved so far, by name.
type variables map[string]any

// fill replaces each ${name} in the tree's strings. A string that is nothing
// but one variable becomes its value, type kept.
func (vars variables) fill(tree any) any {
	switch v := tree.(type) {
	case string:
		return vars.fillText(v)
	case []any:
		filled := make([]any, len(v))
		for i := range v {
			filled[i] = vars.fill(v[i])
		}
		return filled
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key, value := range v {
			filled[key] = vars.fill(value)
		}
		return filled
	}
	return tree
}

// fillText replaces the variables in one string.
func (vars variables) fillText(text string) any {
	if found := variable().FindStringSubmatch(text); found != nil && found[0] == text {
		return vars[found[1]]
	}
	return variable().ReplaceAllStringFunc(text, func(found string) string {
		return fmt.Sprint(vars[found[2:len(found)-1]])
	})
}

// valuePath leads into a JSON tree: a string steps into a map, an int into a list.
type valuePath []any

var pathStep = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:\[(\d+)\]|\.?([^.\[\]]+))`) })

// parsePath reads a path such as rows[0][2] or custom_attributes.plan.
func parsePath(text string) (valuePath, error) {
	var path valuePath
	for rest := text; rest != ""; {
		found := pathStep().FindStringSubmatch(rest)
		if found == nil || path == nil && strings.HasPrefix(rest, ".") {
			return nil, fmt.Errorf("%q is no path such as rows[0][2] or contact.name", text)
		}
		rest = rest[len(found[0]):]
		if found[1] == "" {
			path = append(path, found[2])
			continue
		}
		index, err := strconv.Atoi(found[1])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		path = append(path, index)
	}
	if path == nil {
		return nil, fmt.Errorf("the path is empty")
	}
	return path, nil
}

// in follows the path into tree.
func (path valuePath) in(tree any) (any, error) {
	for i, key := range path {
		var ok bool
		switch key := key.(type) {
		case string:
			var fields map[string]any
			if fields, ok = tree.(map[string]any); ok {
				tree, ok = fields[key]
			}
		case int:
			var list []any
			if list, ok = tree.([]any); ok && key < len(list) {
				tree = list[key]
			} else {
				ok = false
			}
		}
		if !ok {
			return nil, fmt.Errorf("the answer has no %s", path[:i+1])
		}
	}
	return tree, nil
}

// String writes the path as it is read by parsePath.
func (path valuePath) String() string {
	var out strings.Builder
	for _, key := range path {
		switch key := key.(type) {
		case string:
			if out.Len() > 0 {
				out.WriteByte('.')
			}
			out.WriteString(key)
		case int:
			fmt.Fprintf(&out, "[%d]", key)
		}
	}
	return out.String()
}
