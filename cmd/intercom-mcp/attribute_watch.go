package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// attributeWaits are the waits between tries to read the attributes of a workspace that cannot be reached.
var attributeWaits = []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute, time.Hour}

// watchAttributes logs a warning for each custom attribute and each tag that the policy in force names and the
// workspace does not have, and for each role of a token that the policy does not name, now and each time that the
// policy is read again. Where the workspace cannot be asked it tries again a few times. It blocks nothing; the function
// that it returns ends it, and waits until it has ended.
func (s *service) watchAttributes(ctx context.Context, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		tries := 0
		var again <-chan time.Time
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.policies.changed:
				tries = 0
				s.warnOfRoles(ctx, log)
			case <-again:
			}
			again = nil
			err := s.warnOfAttributes(ctx, log)
			switch {
			case err == nil || ctx.Err() != nil:
			case tries == len(attributeWaits):
				log.WarnContext(ctx, "whether the attributes and tags that the policy names are there is not known", "err", err)
			default:
				again = time.After(attributeWaits[tries])
				tries++
			}
		}
	})
	return func() {
		cancel()
		watching.Wait()
	}
}

// warnOfAttributes compares the attributes and tags that the policy names with those of the workspace.
func (s *service) warnOfAttributes(ctx context.Context, log *slog.Logger) error {
	unknown, err := tools.CompareNames(ctx, s.client, s.policies.current.Load())
	for _, text := range unknown.Tags {
		log.WarnContext(ctx, "the policy names a tag that is not there: "+text)
	}
	for _, text := range unknown.Attributes {
		log.WarnContext(ctx, "the policy names an attribute that is not there, which has no effect: "+text)
	}
	return err
}

// warnOfRoles compares the roles of the file of tokens with those that the policy names.
func (s *service) warnOfRoles(ctx context.Context, log *slog.Logger) {
	if s.tokens == nil {
		return
	}
	for _, role := range unnamedRoles(s.policies.current.Load(), s.tokens.Roles()) {
		log.WarnContext(ctx, "a token has a role that the policy does not name, which has no effect", "role", role)
	}
}

// unnamedRoles are the roles among some that neither the policy names nor the program knows.
func unnamedRoles(p *policy.Policy, roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(role string) bool {
		return role == tools.RoleViewer || role == tools.RoleOperator || p.Names(role)
	})
}
