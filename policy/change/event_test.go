package change

import (
	"maps"
	"testing"

	"intercom-mcp/policy"
)

// TestStepEventActor names who took a step, and nothing where nobody did.
func TestStepEventActor(t *testing.T) {
	for name, tt := range map[string]struct {
		actor Actor
		want  map[string]string
	}{
		"nobody":     {Actor{}, map[string]string{}},
		"the server": {Actor{By: Server}, map[string]string{"by": "the server"}},
		"a user": {
			Actor{By: "ann", Level: policy.LevelUser, Method: "elicitation"},
			map[string]string{"by": "ann", "level": "user", "method": "elicitation"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := Change{ID: NewID(), Principal: "ann", Status: StatusCancelled}
			events, err := c.StepEvents(Step{To: StatusCancelled, Actor: tt.actor})
			if err != nil || len(events) != 1 {
				t.Fatal(events, err)
			}
			got := events[0].Facts
			if got["state"] == "" {
				t.Error("it has no state")
			}
			delete(got, "state")
			if !maps.Equal(got, tt.want) {
				t.Errorf("facts %v, want %v", got, tt.want)
			}
		})
	}
}
