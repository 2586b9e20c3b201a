package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"sync"
)

// Values in scripts are JSON trees: map[string]any, []any, string, bool, json.Number and nil, so that they compare with
// answers, numbers exactly.

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

// compiled returns a function that compiles a pattern when it is first used.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

var (
	variable     = compiled(`\$\{([^}]*)\}`)
	variableName = compiled(`^[A-Za-z_][A-Za-z0-9_]*$`)
	valuePath    = compiled(`^[^.\[\]]+(\.[^.\[\]]+|\[\d+\])*$`)
	pathKey      = compiled(`[^.\[\]]+`)
)

// variables are the values saved so far, by name.
type variables map[string]any

// fill replaces each ${name} in the tree's strings. A string that is nothing but one variable becomes its value, type
// kept.
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

// lookUp follows a path such as rows[0][2] or custom_attributes.plan, which matches valuePath, into tree.
func lookUp(tree any, path string) (any, error) {
	for _, span := range pathKey().FindAllStringIndex(path, -1) {
		key, ok := path[span[0]:span[1]], false
		switch node := tree.(type) {
		case map[string]any:
			tree, ok = node[key]
		case []any:
			index, err := strconv.Atoi(key)
			if ok = err == nil && index < len(node); ok {
				tree = node[index]
			}
		}
		if !ok {
			end := span[1]
			if end < len(path) && path[end] == ']' {
				end++
			}
			return nil, fmt.Errorf("the answer has no %s", path[:end])
		}
	}
	return tree, nil
}
