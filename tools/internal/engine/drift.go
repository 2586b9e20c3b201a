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

// patientDrift is drift that waits for Intercom's rate limit: a change that somebody confirmed is not stale for it.
func (a *applier) patientDrift(ctx context.Context) (what string, err error) {
	for range driftTries {
		what, err = a.drift(ctx)
		upstream, ok := asIntercom(err)
		if !ok || upstream.Kind() != intercom.KindRateLimited {
			return what, err
		}
		timer := time.NewTimer(upstream.RetryAfter)
		select {
		case <-timer.C:
		case <-a.run.halt.done:
			timer.Stop()
			return "", err
		case <-ctx.Done():
			timer.Stop()
			return "", ctx.Err()
		}
	}
	return what, err
}

// drift reads the targets again and says what changed since the plan, "" for nothing.
func (a *applier) drift(ctx context.Context) (string, error) {
	var ids []string
	for i := range a.change.Items {
		if item := &a.change.Items[i]; item.Outcome == change.Pending && operationOf(item.Patch).reads().drift {
			ids = append(ids, item.TargetID)
		}
	}
	now, searched, err := directory.ReadFresh(ctx, a.client, ids, nil)
	if err != nil {
		return "", err
	}
	var drifts []string
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
			return "", err
		}
		if what != "" {
			drifts = append(drifts, a.words.Who(item)+" "+what)
		}
	}
	if len(drifts) > driftsShown {
		drifts = append(drifts[:driftsShown], fmt.Sprintf("and %d more", len(drifts)-driftsShown))
	}
	return strings.Join(drifts, "; "), nil
}

// contactDrift says what changed of what an item touches on a contact. A search may be behind the times, so what looks
// changed there, or gone, is read by id.
func contactDrift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error) {
	bare := a.judge.masking.without(item)
	if seen.contact != nil {
		now, err := Image(ctx, a.client, seen.contact, item.Patch)
		if err != nil {
			return "", err
		}
		if what := imageDrift(a.words.Masks, bare, now); what == "" || !seen.searched {
			return what, nil
		}
	}
	now, err := a.readImage(ctx, item.TargetID, item.Patch)
	switch {
	case gone(err):
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
