package tools

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// maxGiven is how long a text may be that errors repeat since the caller gave it, in bytes.
const maxGiven = 200

// givenTexts are texts that a caller gave, in lower case.
type givenTexts map[string]bool

// add adds a value, and of lists and objects what is in them, the names of keys included.
func (g givenTexts) add(value any) {
	switch value := value.(type) {
	case string:
		if text := strings.ToLower(strings.Join(strings.Fields(value), " ")); text != "" && len(text) <= maxGiven {
			g[text] = true
		}
	case json.Number:
		g[strings.ToLower(value.String())] = true
	case []any:
		for _, item := range value {
			g.add(item)
		}
	case map[string]any:
		for key, item := range value {
			g.add(key)
			g.add(item)
		}
	}
}

// given tells of a text whether errors may repeat it: one that the caller gave, or a name of the workspace's
// attributes. Which texts the caller gave is found out when it is first asked.
func given(lists *directory.Lists, texts func() givenTexts) func(text string) bool {
	texts = sync.OnceValue(texts)
	return func(text string) bool { return texts()[text] || lists.NamesAttribute(text) }
}

// givenByCall are the texts in the arguments of a call.
func givenByCall(args json.RawMessage) givenTexts {
	texts := make(givenTexts)
	decoder := json.NewDecoder(bytes.NewReader(args))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) == nil {
		texts.add(value)
	}
	return texts
}

// givenByChange are what whoever planned a change gave: the names of the fields and what is written to them. What an
// undo writes was taken from Intercom.
func givenByChange(c *change.Change) givenTexts {
	texts := make(givenTexts)
	for i := range c.Items {
		p := &c.Items[i].Patch
		for field, value := range p.Set {
			texts.add(strings.TrimPrefix(field, directory.CustomPrefix))
			if c.Undoes == "" {
				texts.add(value)
			}
		}
		for _, refs := range [][]change.Ref{p.AddTags, p.RemoveTags, p.AddCompanies, p.RemoveCompanies} {
			for _, ref := range refs {
				texts.add(ref.Name)
			}
		}
	}
	return texts
}
