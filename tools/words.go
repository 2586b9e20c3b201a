package tools

import (
	"context"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// words lets the engine say what it knows as the policy of a call lets it be said.
type words struct {
	view       *render.View
	translator *toolerr.Translator
}

var _ engine.Words = words{}

func (s *session) words() words { return words{s.view, s.translator()} }

// wordsFor are the words for a change that goes on without its caller.
func (p *Pipeline) wordsFor(c *change.Change) engine.Words {
	w := p.newSession(callOf(c), &Tool{Name: c.Tool}).words()
	w.translator.Given = given(p.lists, func() givenTexts { return givenByChange(c) })
	return w
}

// Who implements [engine.Words].
func (w words) Who(item *change.Item) string { return w.view.Mask.Who(item) }

// Value implements [engine.Words].
func (w words) Value(item *change.Item, field string, value any) string {
	return w.view.Rows.Value(item, field, value)
}

// Explain implements [engine.Words].
func (w words) Explain(ctx context.Context, err error) *toolerr.Error {
	return w.translator.Explain(ctx, err)
}

// Masks implements [engine.Words].
func (w words) Masks(field string) bool { return w.view.Mask.Policy.Masks(field) }
