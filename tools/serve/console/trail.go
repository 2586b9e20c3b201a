package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// recordPages show the trail and the freeze.
type recordPages struct{ c *Console }

// trailPage is a page of the audit trail.
type trailPage struct {
	Contact, Principal, Tool, Kind, Change, Since, Until string
	Kinds                                                []change.Kind
	Events                                               []tools.ConsoleEvent
	Older                                                string // the address of the page of older ones
	Problem                                              string
	Checked                                              *trailCheck
	CheckAt                                              string // the address that checks the chain
}

// eventsOnPage is how many events a page of the trail has.
const eventsOnPage = 50

// showTrail shows the newest events of the trail that a filter selects.
func (s recordPages) showTrail(w http.ResponseWriter, r *http.Request, v *visit) {
	query := r.URL.Query()
	get := func(name string) string { return strings.TrimSpace(query.Get(name)) }
	p := trailPage{Contact: get("contact"), Principal: get("principal"), Tool: get("tool"), Kind: get("kind"),
		Change: get("change"), Since: get("since"), Until: get("until"), Kinds: change.Kinds()}
	selected := change.EventQuery{Target: p.Contact, Principal: p.Principal, Tool: p.Tool, Kind: change.Kind(p.Kind),
		Change: p.Change, Newest: eventsOnPage + 1}
	selected.Before, _ = strconv.ParseInt(get("before"), 10, 64) // 0 begins with the newest
	var err, err2 error
	selected.Since, err = day(p.Since, 0)
	selected.Until, err2 = day(p.Until, 1)
	if err = errors.Join(err, err2); err != nil {
		p.Problem = "A day is written as 2026-11-29."
	}
	if p.Events, err = s.c.desk.Trail(r.Context(), v.visitor, selected); err != nil {
		s.c.fail(w, r, v, err)
		return
	}
	at := func(more ...string) string {
		return address(root+"/trail", append([]string{"contact", p.Contact, "principal", p.Principal, "tool", p.Tool,
			"kind", p.Kind, "change", p.Change, "since", p.Since, "until", p.Until}, more...)...)
	}
	if len(p.Events) > eventsOnPage {
		p.Events = p.Events[:eventsOnPage]
		p.Older = at("before", strconv.FormatInt(p.Events[eventsOnPage-1].Seq, 10))
	}
	p.CheckAt = at("check", "1")
	if v.visitor.Sees() {
		p.Checked = s.c.checks.state(r.Context(), s.c, v, get("check") != "")
	}
	s.c.render(w, r, http.StatusOK, v, "trail.html", "Trail", p)
}

// day is the beginning of a day that is written as 2026-11-29, so many days later; "" is the zero time.
func day(text string, later int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	return at.AddDate(0, 0, later), err
}

// trailCheck is what a check of the trail's chain found.
type trailCheck struct {
	At      time.Time
	Found   change.Verified
	Problem string // that the trail was tampered with; "" where it is intact
	Failed  bool   // it could not be checked
}

// trailChecks keeps what the last check found, so that people who look often do not check often. It is safe for
// concurrent use.
type trailChecks struct {
	checking sync.Mutex
	last     atomic.Pointer[trailCheck]
}

const (
	checkHolds  = 10 * time.Second // in which nobody checks again
	checkWithin = time.Minute
)

// state is what the last check found; nil where there was none. Where it is wanted, the trail is checked before, unless
// somebody else is at it.
func (t *trailChecks) state(ctx context.Context, c *Console, v *visit, wanted bool) *trailCheck {
	last := t.last.Load()
	if !wanted || last != nil && c.now().Sub(last.At) < checkHolds || !t.checking.TryLock() {
		return last
	}
	defer t.checking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	found, err := c.desk.VerifyTrail(ctx, v.visitor)
	check := &trailCheck{At: c.now(), Found: found}
	switch {
	case errors.Is(err, change.ErrTampered):
		check.Problem = err.Error()
	case err != nil:
		c.log.ErrorContext(ctx, "the trail could not be checked", "err", err)
		check.Failed = true
	}
	t.last.Store(check)
	return check
}
