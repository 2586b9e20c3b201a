package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/internal/text"
)

// driftsShown is how many drifted targets a reason lists.
const driftsShown = 3

// isGone is the drift of a target that cannot be read any more.
const isGone = "is gone"

// isHidden is the drift of a contact that cannot be read any more: Intercom shows neither archived nor deleted ones.
const isHidden = "is archived or deleted"

// driftTries bounds the attempts to read the targets again where Intercom's rate limit is used up meanwhile.
const driftTries = 4

// drifted is an item whose target is not as it was planned, and what of it changed.
type drifted struct {
	index int
	what  string
}

// Check reads again what the pending items of a waiting change touch, as applying it would, and returns the items that
// moved on since the plan, by their indexes. It writes nothing.
func (e *Engine) Check(ctx context.Context, c change.Change) (moved []int, err error) {
	drifts, err := agreed(e, c).patientDrifts(forChange(ctx, c.ID))
	for _, d := range drifts {
		moved = append(moved, d.index)
	}
	return moved, err
}

// drift reads the targets again and says what changed since the plan, "" for nothing.
func (a *applier) drift(ctx context.Context) (string, error) {
	drifts, err := a.patientDrifts(ctx)
	if err != nil {
		return "", err
	}
	var whats []string
	for _, d := range drifts {
		whats = append(whats, a.words.Who(&a.change.Items[d.index])+" "+d.what)
	}
	if len(whats) > driftsShown {
		whats = append(whats[:driftsShown], fmt.Sprintf("and %d more", len(whats)-driftsShown))
	}
	return strings.Join(whats, "; "), nil
}

// patientDrifts is drifts that waits for Intercom's rate limit: a change that somebody confirmed is not stale for it.
func (a *applier) patientDrifts(ctx context.Context) (drifts []drifted, err error) {
	for range driftTries {
		drifts, err = a.drifts(ctx)
		upstream, ok := asIntercom(err)
		if !ok || upstream.Kind() != intercom.KindRateLimited {
			return drifts, err
		}
		timer := time.NewTimer(upstream.RetryAfter)
		select {
		case <-timer.C:
		case <-a.run.halt.done:
			timer.Stop()
			return nil, err
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
	return nil, err
}

// drifts reads the targets again and lists those that changed since the plan.
func (a *applier) drifts(ctx context.Context) (drifts []drifted, err error) {
	var ids []string
	for i := range a.change.Items {
		if item := &a.change.Items[i]; item.Outcome == change.Pending && operationOf(item.Patch).reads().drift {
			ids = append(ids, item.TargetID)
		}
	}
	now, searched, err := directory.ReadFresh(ctx, a.client, ids, nil)
	if err != nil {
		return nil, err
	}
	for i := range a.change.Items {
		item := &a.change.Items[i]
		if item.Outcome != change.Pending {
			continue
		}
		what, err := operationOf(item.Patch).drift(ctx, a, item, seen{now[item.TargetID], searched})
		var odd *intercom.UnreadableError
		if errors.As(err, &odd) {
			what, err = "cannot be read any more ("+text.Clip(text.Clean(odd.Error()), 120)+")", nil
		}
		if err != nil {
			return nil, err
		}
		if what != "" {
			drifts = append(drifts, drifted{i, what})
		}
	}
	return drifts, nil
}

// contactDrift says what changed of what an item touches on a contact. A search may be behind the times, so what looks
// changed there, or gone, is read by id.
func contactDrift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	bare := a.judge.masking.without(item)
	if seen.contact != nil {
		now, err := contactImage(ctx, a.client, seen.contact, item.Patch)
		if err != nil {
			return "", err
		}
		if what := imageDrift(a.words.Masks, bare, now); what == "" || !seen.searched {
			return what, nil
		}
	}
	now, err := a.readImage(ctx, item.TargetID, item.Patch)
	switch {
	case directory.Gone(err):
		return whereGone(err), nil
	case err != nil:
		return "", err
	}
	return imageDrift(a.words.Masks, bare, now), nil
}

// imageDrift says in what a target's image differs from the one before. A masked field is not named: that it changed
// tells about its value.
func imageDrift(masks func(field string) bool, item *change.Item, now change.Image) string {
	for _, name := range slices.Sorted(maps.Keys(item.Patch.Set)) {
		switch {
		case record.Same(name, item.Before.Set[name], now.Set[name]):
		case masks(name):
			return "was changed since"
		default:
			return "has another " + name + " now"
		}
	}
	tags := slices.Concat(item.Patch.AddTags, item.Patch.RemoveTags)
	companies := slices.Concat(item.Patch.AddCompanies, item.Patch.RemoveCompanies)
	if !slices.Equal(present(tags, item.Before.Tags), now.Tags) || !slices.Equal(present(companies, item.Before.Companies),
		now.Companies) {
		return "has other tags or companies now"
	}
	return ""
}
