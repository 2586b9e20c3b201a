package schemas

import (
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// explain turns the validator's findings about doc into problems.
func explain(schema *jsonschema.Schema, doc any, found *jsonschema.ValidationError) []Problem {
	if len(found.Causes) == 0 {
		return locate(schema, doc, found.InstanceLocation).explain(broken(found), found.Message)
	}
	var problems []Problem
	for _, cause := range found.Causes {
		problems = append(problems, explain(schema, doc, cause)...)
	}
	return problems
}

// broken names the keyword that was broken.
func broken(found *jsonschema.ValidationError) string {
	return found.KeywordLocation[strings.LastIndexByte(found.KeywordLocation, '/')+1:]
}

// place is a value within the arguments, and what the schema says of it.
type place struct {
	path   string
	value  any
	schema *jsonschema.Schema
}

// locate follows a JSON pointer, its segments percent-encoded, through
// document and schema. Without combinators there is one schema to a value.
func locate(schema *jsonschema.Schema, doc any, pointer string) place {
	at := place{value: doc, schema: schema}
	for segment := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		if name, err := url.PathUnescape(segment); err == nil {
			segment = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		}
		switch value := at.value.(type) {
		case []any:
			i, err := strconv.Atoi(segment)
			if err != nil || i < 0 || i >= len(value) {
				return at
			}
			at = place{path: at.path + "[" + segment + "]", value: value[i], schema: at.schema.Items2020}
		case map[string]any:
			property, ok := at.schema.Properties[segment]
			if !ok {
				property, _ = at.schema.AdditionalProperties.(*jsonschema.Schema)
			}
			at = place{join(at.path, visible(segment)), value[segment], property}
		}
		if at.schema == nil {
			break
		}
	}
	return at
}

// explain lists the problems of one broken rule; message is the validator's.
func (p place) explain(keyword, message string) []Problem {
	if p.schema == nil {
		return []Problem{problem(p.path, Other, tame(message, maxMessage))}
	}
	switch keyword {
	case "required":
		return p.missing()
	case "additionalProperties":
		return p.unknown()
	case "enum":
		return []Problem{p.enum()}
	}
	kind, text := p.rule(keyword)
	if text == "" {
		kind, text = Other, tame(message, maxMessage)
	}
	return []Problem{problem(p.path, kind, text)}
}

// missing lists the required properties that are not there.
func (p place) missing() []Problem {
	object, _ := p.value.(map[string]any)
	var problems []Problem
	for _, name := range p.schema.Required {
		if _, ok := object[name]; !ok {
			path := join(p.path, name)
			problems = append(problems, Problem{Path: path, Kind: Missing, Message: "missing argument " + strconv.Quote(path)})
		}
	}
	return problems
}

// maxListed is how many valid names or values a message lists.
const maxListed = 14

// unknown lists the properties that should not be there.
func (p place) unknown() []Problem {
	valid := make([]string, 0, len(p.schema.Properties))
	for name := range p.schema.Properties {
		valid = append(valid, name)
	}
	slices.Sort(valid)
	object, _ := p.value.(map[string]any)
	var problems []Problem
	for _, name := range sortedKeys(object) {
		if _, ok := p.schema.Properties[name]; ok {
			continue
		}
		found := Problem{Path: join(p.path, visible(name)), Kind: Unknown}
		found.Message = "unknown argument " + strconv.Quote(found.Path)
		switch near := Nearest(name, valid, 1); {
		case len(near) > 0:
			found.Nearest = near[0]
			found.Message += "; did you mean " + strconv.Quote(near[0]) + "?"
		case len(valid) == 0:
			found.Message += "; none is taken here"
		case p.holder(name) != "":
			found.Message += "; it goes into " + strconv.Quote(p.holder(name))
		default:
			found.Message += "; valid here: " + list(valid)
		}
		problems = append(problems, found)
	}
	return problems
}

// holder is the first of the objects here that takes a property, or "".
func (p place) holder(name string) string {
	for _, other := range slices.Sorted(maps.Keys(p.schema.Properties)) {
		if _, ok := p.schema.Properties[other].Properties[name]; ok {
			return other
		}
	}
	return ""
}

// otherWords are what a value is called elsewhere.
var otherWords = map[string]string{
	"contains": "~", "includes": "~", "like": "~", "not_contains": "!~", "starts_with": "^", "ends_with": "$",
	"eq": "=", "equals": "=", "==": "=", "is": "=",
	"ne": "!=", "neq": "!=", "not_equals": "!=", "<>": "!=", "is_not": "!=",
	"gt": ">", "after": ">", "gte": ">=", "lt": "<", "before": "<", "lte": "<=", "not_in": "NIN",
	"is_null": "empty", "is_empty": "empty", "not_empty": "present", "exists": "present", "and": "all", "or": "any",
}

// enum tells the values that are allowed.
func (p place) enum() Problem {
	var valid []string
	for _, value := range p.schema.Enum {
		valid = append(valid, fmt.Sprint(value))
	}
	text, _ := p.value.(string)
	found := problem(p.path, Enum, quote(text)+" is not one of "+list(valid))
	word := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(text)))
	near := Nearest(text, valid, 1)
	if meant := otherWords[word]; len(near) == 0 && slices.Contains(valid, meant) {
		near = []string{meant}
	}
	if len(near) > 0 {
		found.Nearest = near[0]
		found.Message += "; nearest " + strconv.Quote(near[0])
	}
	return found
}

func list(words []string) string {
	if len(words) > maxListed {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:maxListed], ", "), len(words)-maxListed)
	}
	return strings.Join(words, ", ")
}

// rule says what a keyword asks for, and what is there instead.
func (p place) rule(keyword string) (Kind, string) {
	text, _ := p.value.(string)
	items, _ := p.value.([]any)
	switch keyword {
	case "type":
		return Type, p.wrongType()
	case "minimum":
		return Range, "must be at least " + number(p.schema.Minimum) + ", got " + literally(p.value)
	case "maximum":
		return Range, "must be at most " + number(p.schema.Maximum) + ", got " + literally(p.value)
	case "minLength":
		if text == "" {
			return Length, "must not be empty"
		}
		return Length, fmt.Sprintf("must have at least %s, got %d", count(p.schema.MinLength, "character"),
			utf8.RuneCountInString(text))
	case "maxLength":
		return Length, fmt.Sprintf("must have at most %s, got %d", count(p.schema.MaxLength, "character"),
			utf8.RuneCountInString(text))
	case "minItems":
		return Items, fmt.Sprintf("must have at least %s, got %d", count(p.schema.MinItems, "item"), len(items))
	case "maxItems":
		return Items, tooMany(p.schema.MaxItems, len(items))
	case "uniqueItems":
		return Items, "must not hold the same item twice"
	case "pattern":
		return Pattern, quote(text) + " does not match " + p.schema.Pattern.String()
	case "format":
		return Format, quote(text) + " is not a valid " + p.schema.Format + formatExample[p.schema.Format]
	}
	return Other, ""
}

// wrongType says which type is expected.
func (p place) wrongType() string {
	var wanted []string
	for _, name := range p.schema.Types {
		article := "a "
		if strings.ContainsAny(name[:1], "aio") {
			article = "an "
		}
		wanted = append(wanted, article+name)
	}
	return "must be " + strings.Join(wanted, " or ") + ", got " + describe(p.value)
}

var formatExample = map[string]string{
	"date-time": ", such as 2026-08-31T09:00:00Z",
	"date":      ", such as 2026-08-31",
	"email":     ", such as ada@example.com",
	"uri":       ", such as https://example.com/",
}

func tooMany(most, items int) string {
	return fmt.Sprintf("must have at most %s, got %d", count(most, "item"), items)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// number writes a bound as short as it is exact.
func number(bound *big.Rat) string {
	if bound.IsInt() {
		return bound.Num().String()
	}
	f, _ := bound.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// problem makes a problem whose message begins with its path.
func problem(path string, kind Kind, text string) Problem {
	return Problem{Path: path, Kind: kind, Message: named(path) + ": " + text}
}

// named names a path in a message.
func named(path string) string {
	if path == "" {
		return "the arguments"
	}
	return path
}
