package directory

import (
	"context"
	"fmt"
	"time"

	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// Zone is the time zone of days and times that are written without one.
func (r *Resolver) Zone(ctx context.Context) (*time.Location, error) {
	if r.Lists.Zone != nil {
		return r.Lists.Zone, nil
	}
	me, err := r.Lists.Me.Get(ctx)
	if err != nil {
		return nil, err
	}
	name := me.App.Timezone
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, toolerr.New(toolerr.InvalidArgument, fmt.Sprintf("The workspace's time zone, %q, is not known here.",
			text.Clip(text.Clean(name), 40)), "Write the time with its zone, such as 2026-08-31T00:00:00+02:00.")
	}
	return zone, nil
}

// ToldZone is Zone for a time that is written to Intercom: it warns of the zone.
func (r *Resolver) ToldZone(ctx context.Context) func() (*time.Location, error) {
	return func() (*time.Location, error) {
		zone, err := r.Zone(ctx)
		if err == nil {
			r.Warn("days and times without a zone are taken as of " + zone.String())
		}
		return zone, err
	}
}
