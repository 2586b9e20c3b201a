package main

import (
	"errors"
	"fmt"
	"sync/atomic"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve"
)

// policyHelp are the help texts of policyFlags and offerFlags.
var policyHelp = helpTexts{
	"policy": "Policy file that decides on writes, instead of the built-in policy; 'intercom-mcp policy check' reads " +
		"one. Servers read it again at SIGHUP.",
	"mode": "Widest effect offered: read, write (can be put back) or full (deletes and merges too). " +
		"It narrows a policy file's mode and never widens it; without either it is write.",
	"time_zone": "Zone of days and times that are written without one: a name such as Europe/Brussels, or " +
		"\"workspace\" for the workspace's own; when absent, UTC.",
	"toolsets": "Offer the tools of these sets, \"default\" or \"all\"; when absent, those on by default.",
}

// policyFlags say which policy decides.
type policyFlags struct {
	Policy string `variable:"INTERCOM_POLICY" type:"path" placeholder:"FILE" help:"@policy"`
	Mode   string `variable:"INTERCOM_MODE" placeholder:"MODE" help:"@mode"`
}

// policies keeps the policy in force, which a reload replaces. It is safe for concurrent use.
type policies struct {
	flags   policyFlags
	current atomic.Pointer[policy.Policy]
	changed chan struct{} // holds one when current was read, and nobody has looked at it since
	listed  chan struct{} // likewise, for who tells clients of other tools
}

// load reads the policy that the flags name.
func (f policyFlags) load() (*policies, error) {
	p := &policies{flags: f, changed: make(chan struct{}, 1), listed: make(chan struct{}, 1)}
	err := p.reload()
	var wrong policy.Problems
	switch {
	case errors.As(err, &wrong):
		return nil, &usageError{problem: "the policy is not right:\n" + wrong.Error()}
	case err != nil:
		return nil, &usageError{problem: err.Error()}
	}
	return p, nil
}

// reload reads the policy again. Where that fails, the one in force stays.
func (p *policies) reload() error {
	next, err := p.flags.read()
	if err != nil {
		return err
	}
	p.current.Store(next)
	p.wake()
	return nil
}

// wake has those who watch the policy look at it again.
func (p *policies) wake() {
	for _, watched := range []chan struct{}{p.changed, p.listed} {
		select {
		case watched <- struct{}{}:
		default:
		}
	}
}

// read reads the policy as the flags want it. A mode alone chooses how wide the built-in policy is.
func (f policyFlags) read() (*policy.Policy, error) {
	mode := policy.ModeWrite
	if f.Mode != "" {
		var err error
		if mode, err = policy.ParseMode(f.Mode); err != nil {
			return nil, err
		}
	}
	if f.Policy == "" {
		return policy.Default(mode), nil
	}
	if err := serve.CheckUnshared(f.Policy); err != nil {
		return nil, fmt.Errorf("the policy: %w", err)
	}
	p, err := policy.Load(f.Policy, tools.PolicyVocabulary())
	if err != nil || f.Mode == "" {
		return p, err
	}
	return p.Narrow(mode), nil
}
