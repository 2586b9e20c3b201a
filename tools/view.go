package tools

import (
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// ViewMeta is where the _meta of an answer tells the view of a change what it may do.
const ViewMeta = "intercom-mcp/view"

// inView is the method of a yes that a view of the change brought.
const inView = "view"

// viewLevel is the level of a yes that the caller's view of a change would bring; LevelNone where it shows none. Nobody
// can tell a click in a view from a call of the model, so the policy says how much it counts, and what cannot be undone
// it never raises.
func viewLevel(s *session, effect policy.Effect) policy.Level {
	switch {
	case !s.call.Views:
		return policy.LevelNone
	case effect == policy.Destroy:
		return policy.LevelAgent
	}
	return max(policy.LevelAgent, s.policy.Confirm.Views)
}

// confirmer is the caller as the actor of a yes to a change.
func confirmer(s *session, c *change.Change) change.Actor {
	by := s.agent()
	if s.call.InView {
		by.Level, by.Method = viewLevel(s, effectOf(c)), inView
	}
	return by
}

// offerView tells the view of a change that waits whether it may confirm it.
func offerView(s *session, c *change.Change) {
	if level := viewLevel(s, effectOf(c)); level > policy.LevelNone && c.Status == change.StatusAwaiting {
		s.viewMay = map[string]any{"confirm": c.Level <= level}
	}
}

// effectOf is the effect of the tool that planned a change; of an unknown one it counts as one that cannot be undone.
func effectOf(c *change.Change) policy.Effect {
	var about policy.Request
	aboutTool(&about, c.Tool)
	return about.Effect
}
