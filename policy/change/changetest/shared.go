package changetest

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy/change"
)

// sharedCalls are calls of every method of [change.Shared], for the change id, but for those of Stops, of Seals, which
// take no context, and of Cuts.
func sharedCalls(ctx context.Context, s change.Store, id string) map[string]func() error {
	shared := s.Shared()
	var request change.Request
	var notice change.Notice
	return map[string]func() error{
		"Cursors.Keep": func() error { return shared.Cursors.Keep(ctx, "ann", "a", "page 2", Epoch) },
		"Cursors.Find": func() error { _, err := shared.Cursors.Find(ctx, "ann", "a", Epoch); return err },
		"Requests.Ask": func() error {
			_, err := shared.Requests.Ask(ctx, clickOf(id, change.RequestCheck))
			return err
		},
		"Requests.Take": func() error {
			taken, err := shared.Requests.Take(ctx, time.Hour, 1, change.RequestCheck)
			return errors.Join(err, nothing(taken == nil))
		},
		"Requests.Renew":  func() error { return shared.Requests.Renew(ctx, request, time.Hour) },
		"Requests.Answer": func() error { return shared.Requests.Answer(ctx, request, change.Answer{}) },
		"Requests.Find": func() error {
			_, _, err := shared.Requests.Find(ctx, id, change.RequestCheck)
			return err
		},
		"Servers.Seen":   func() error { return shared.Servers.Seen(ctx, change.Instance{ID: "one"}) },
		"Servers.List":   func() error { _, err := shared.Servers.List(ctx, time.Hour); return err },
		"Sessions.Begin": func() error { _, err := shared.Sessions.Begin(ctx); return err },
		"Sessions.Keep":  func() error { return shared.Sessions.Keep(ctx, change.SessionKey{}, change.Session{}, Epoch) },
		"Sessions.Renew": func() error { return shared.Sessions.Renew(ctx, change.SessionKey{}, Epoch) },
		"Sessions.Find":  func() error { _, err := shared.Sessions.Find(ctx, change.SessionKey{}); return err },
		"Sessions.Drop":  func() error { return shared.Sessions.Drop(ctx, change.SessionKey{}) },
		"Sessions.List":  func() error { _, err := shared.Sessions.List(ctx); return err },
		"Sessions.End":   func() error { _, err := shared.Sessions.End(ctx, "ann", change.Actor{By: "ops"}); return err },
		"Rates.Lease":    func() error { _, _, err := shared.Rates.Lease(ctx, "a", 1, 100, 5); return err },
		"Outbox.Want":    func() error { return shared.Outbox.Want(ctx, Epoch, change.NoticeFrozen) },
		"Outbox.Add":     func() error { return shared.Outbox.Add(ctx, notice) },
		"Outbox.Take": func() error {
			_, err := shared.Outbox.Take(ctx, time.Hour, 1, change.NoticeFrozen)
			return err
		},
		"Outbox.Delivered": func() error { return shared.Outbox.Delivered(ctx, notice) },
		"Outbox.Retry":     func() error { return shared.Outbox.Retry(ctx, notice, Epoch, "") },
		"Outbox.GiveUp":    func() error { return shared.Outbox.GiveUp(ctx, notice, "") },
		"Outbox.Waiting":   func() error { _, err := shared.Outbox.Waiting(ctx, 1); return err },
	}
}

// stopsCalls are calls of each method of stops.
func stopsCalls(ctx context.Context, stops change.Stops, id string) map[string]func() error {
	return map[string]func() error{
		"Stops.Request": func() error { return stops.Request(ctx, id, change.Actor{By: "ann"}, "") },
		"Stops.Freeze":  func() error { return stops.Freeze(ctx, change.Actor{By: "ann"}, "") },
		"Stops.Unfreeze": func() error {
			lifted, err := stops.Unfreeze(ctx, change.Actor{By: "ann"})
			return errors.Join(err, nothing(!lifted))
		},
		"Stops.Frozen": func() error {
			_, frozen, err := stops.Frozen(ctx)
			return errors.Join(err, nothing(!frozen))
		},
		"Stops.Requested": func() error {
			_, requested, err := stops.Requested(ctx, id)
			return errors.Join(err, nothing(!requested))
		},
	}
}

// durableCalls are calls of each method that a [change.Durable] has besides those of a store, and of its cuts.
func durableCalls(ctx context.Context, s change.Durable) map[string]func() error {
	cuts := s.Shared().Cuts
	return map[string]func() error{
		"Events": func() error {
			for _, err := range s.Events(ctx, change.EventQuery{}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"VerifyAudit": func() error { _, err := s.VerifyAudit(ctx); return err },
		"Erase":       func() error { _, err := s.Erase(ctx, "0", change.Actor{By: "ops"}); return err },
		"Info":        func() error { _, err := s.Info(ctx, Epoch); return err },
		"Cuts.Oldest": func() error { _, err := cuts.Oldest(ctx, Epoch, new(exported)); return err },
		"Cuts.Remove": func() error { return cuts.Remove(ctx, change.Cut{From: 1}, change.Exported{}) },
		"Cuts.Verify": func() error { return cuts.Verify(ctx, change.NewVerifier()) },
	}
}
