package policy_test

import (
	"fmt"
	"log"
	"time"

	"intercom-mcp/policy"
)

// A policy in a test of one's own: no server, no workspace and no clock take part.
func ExamplePolicy_Decide() {
	p, err := policy.Parse("policy.yaml", []byte(`
rules:
  - name: many
    effects: [write]
    when: contacts > 20
    then: confirm
    by: user
    why: more than twenty contacts at once
  - name: no-notes-at-night
    tools: [add_note]
    when: now.hour >= 22
    then: deny
    why: nobody is there to read them
`), policy.Vocabulary{Tools: map[string]policy.Effect{"add_note": policy.Write, "tag_contacts": policy.Write}})
	if err != nil {
		log.Fatal(err)
	}
	night := time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC)
	for _, request := range []policy.Request{
		{Tool: "tag_contacts", Contacts: 2, Now: night},
		{Tool: "tag_contacts", Contacts: 200, Now: night},
		{Tool: "add_note", Contacts: 1, Now: night},
	} {
		request.Effect, request.Reversible, request.Reach = policy.Write, true, policy.LevelUser
		decision := p.Decide(request)
		fmt.Printf("%s of %d: %s, level %s, rule %q\n", request.Tool, request.Contacts, decision.Verdict, decision.Level,
			decision.Rule())
	}
	// Output:
	// tag_contacts of 2: allow, level none, rule ""
	// tag_contacts of 200: confirm, level user, rule "many"
	// add_note of 1: deny, level none, rule "no-notes-at-night"
}
