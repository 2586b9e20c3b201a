package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

const (
	lookEvery   = time.Second
	failedEvery = 30 * time.Second // where the store cannot be written
	wantFor     = 7 * 24 * time.Hour
	wantEvery   = time.Hour
	// atOnce is how many notices are sent at the same time: each is tried for sendTimeout, well within the lease.
	atOnce      = 4
	sendTimeout = 10 * time.Second
	lease       = 30 * time.Second
	// The first pause before a notice is sent again, which doubles up to the last one, until it is given up.
	retryFirst  = 5 * time.Second
	retryMost   = 15 * time.Minute
	giveUpAfter = 24 * time.Hour
	// verifyFirst and verifyEvery say when the audit trail is verified, after the start.
	verifyFirst = time.Minute
	verifyEvery = 24 * time.Hour
)

// Config is what a [Sender] works with. URL, Outbox and Events are required.
type Config struct {
	URL     string  // of the receiver, http or https; its path may be a secret, and is logged nowhere
	Secrets Secrets // that sign; none: nothing is signed
	Outbox  change.Outbox
	// Events returns the kinds that are wanted now.
	Events func() []change.NoticeKind
	// Console is where the console is, without a slash at the end; "": notices have no link.
	Console string
	// Verify verifies the audit trail, of which a notice tells where it returns a [change.ErrTampered]; nil: there is
	// none.
	Verify func(context.Context) error
	// Transport carries the requests to the receiver; nil: one of the sender's own.
	Transport http.RoundTripper
	Log       *slog.Logger // nil: nothing is logged
}

// Sender sends the notices of a store until it is closed. It is safe for concurrent use.
type Sender struct {
	cfg     Config
	post    *poster
	host    string // for logs
	cancel  context.CancelFunc
	working sync.WaitGroup

	wanted   []change.NoticeKind // that the store was told, until it is told anew at toldNext
	toldNext time.Time
	failing  bool // the last attempt to send failed, which was logged
}

// Start returns a sender, which tells the store at once what is wanted: of what came before, a new store has no
// notices. It has to be closed.
func Start(cfg Config) (*Sender, error) {
	if cfg.Outbox == nil || cfg.Events == nil {
		return nil, errors.New("notify: an outbox and events are required")
	}
	receiver, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("notify: the address of the receiver is none") // without the address
	}
	if receiver.Scheme != "https" && receiver.Scheme != "http" || receiver.Host == "" {
		return nil, errors.New("notify: the address of the receiver begins with https:// or http://, and has a host")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sender{cfg: cfg, post: newPoster(cfg.URL, cfg.Secrets, cfg.Transport), host: receiver.Host, cancel: cancel}
	s.working.Go(func() { s.every(ctx, 0, s.look) })
	if cfg.Verify != nil {
		s.working.Go(func() { s.every(ctx, verifyFirst, s.verify) })
	}
	return s, nil
}

// Close ends the sender, and returns when no work is left. What it was sending is sent again by whoever sends next.
func (s *Sender) Close() {
	s.cancel()
	s.working.Wait()
	s.post.close()
}

// every calls do after a first pause, and then after each pause that it returns, until ctx ends.
func (s *Sender) every(ctx context.Context, pause time.Duration, do func(context.Context) time.Duration) {
	for {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		pause = do(ctx)
	}
}

// look tells the store what is wanted, and sends what is due.
func (s *Sender) look(ctx context.Context) (pause time.Duration) {
	events := s.cfg.Events()
	err := s.want(ctx, events)
	var due []change.Notice
	if err == nil && len(events) > 0 {
		due, err = s.cfg.Outbox.Take(ctx, lease, atOnce, events...)
	}
	if err != nil {
		if ctx.Err() == nil {
			s.cfg.Log.WarnContext(ctx, "looking for notices", "err", err)
		}
		return failedEvery
	}
	var sending sync.WaitGroup
	failures := make([]error, len(due))
	for i, n := range due {
		sending.Go(func() { failures[i] = s.send(ctx, n) })
	}
	sending.Wait()
	s.report(ctx, due, failures)
	if len(due) == atOnce && !slices.ContainsFunc(failures, func(err error) bool { return err != nil }) {
		return 0 // there may be more
	}
	return lookEvery
}

// want tells the store which notices are wanted, once in a while, and when that changes.
func (s *Sender) want(ctx context.Context, events []change.NoticeKind) error {
	now := time.Now()
	if now.Before(s.toldNext) && slices.Equal(events, s.wanted) {
		return nil
	}
	if err := s.cfg.Outbox.Want(ctx, now.Add(wantFor), events...); err != nil {
		return err
	}
	if s.toldNext.IsZero() {
		s.cfg.Log.InfoContext(ctx, "sending notices", "receiver", s.host, "events", events)
	}
	s.wanted, s.toldNext = slices.Clone(events), now.Add(wantEvery)
	return nil
}

// report logs that sending fails, and that it does no more, once each, and each notice that is given up.
func (s *Sender) report(ctx context.Context, sent []change.Notice, failures []error) {
	for i := range sent {
		var over *givenUpError
		switch {
		case ctx.Err() != nil:
			return
		case errors.As(failures[i], &over):
			s.cfg.Log.ErrorContext(ctx, "a notice is given up", "receiver", s.host, "notice", sent[i].Kind, "change",
				sent[i].Change, "tried", sent[i].Tried+1, "err", over.why)
			s.failing = true
		case failures[i] == nil && s.failing:
			s.cfg.Log.InfoContext(ctx, "notices arrive again", "receiver", s.host)
			s.failing = false
		case failures[i] != nil && !s.failing:
			s.cfg.Log.WarnContext(ctx, "a notice did not arrive", "receiver", s.host, "notice",
				sent[i].Kind, "change", sent[i].Change, "err", failures[i])
			s.failing = true
		}
	}
}

// send sends a notice, and tells the store what became of it. It returns why it did not arrive.
func (s *Sender) send(ctx context.Context, n change.Notice) error {
	if now := time.Now(); expired(n, now) || over(n, now) && n.Tried > 0 {
		return s.giveUp(ctx, n, cmp.Or(n.Problem, "nobody sent it in time"))
	}
	body, err := newMessage(n, s.cfg.Console)
	if err != nil {
		return s.giveUp(ctx, n, err.Error())
	}
	wait, failed := s.post.send(ctx, n.ID, body)
	switch {
	case failed == nil:
		s.recorded(ctx, n, s.cfg.Outbox.Delivered(context.WithoutCancel(ctx), n))
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the lease expires, and it is sent again
	}
	again := time.Now().Add(max(wait, backoff(n.Tried)))
	if over(n, again) {
		return s.giveUp(ctx, n, failed.Error())
	}
	s.recorded(ctx, n, s.cfg.Outbox.Retry(ctx, n, again, failed.Error()))
	return failed
}

// over reports whether a notice is not to be sent at a time any more.
func over(n change.Notice, at time.Time) bool {
	return at.Sub(n.At) >= giveUpAfter || expired(n, at)
}

// expired reports whether what a notice tells is not so at a time any more.
func expired(n change.Notice, at time.Time) bool {
	return !n.ExpiresAt.IsZero() && !at.Before(n.ExpiresAt)
}

// givenUpError is why a notice is not sent any more.
type givenUpError struct{ why string }

// Error implements error.
func (e *givenUpError) Error() string { return "given up: " + e.why }

// giveUp gives a notice up, for the reason why, which it returns.
func (s *Sender) giveUp(ctx context.Context, n change.Notice, why string) error {
	s.recorded(ctx, n, s.cfg.Outbox.GiveUp(ctx, n, why))
	return &givenUpError{why}
}

// recorded logs that the store could not be told what became of a notice: it is sent again then. One that another
// sender has taken meanwhile is that one's.
func (s *Sender) recorded(ctx context.Context, n change.Notice, err error) {
	if err != nil && !errors.Is(err, change.ErrFenced) && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "recording what became of a notice", "notice", n.Kind, "change", n.Change, "err", err)
	}
}

// verify verifies the audit trail, and has a notice tell where it is broken: one a day, however many servers find it.
func (s *Sender) verify(ctx context.Context) (pause time.Duration) {
	if !slices.Contains(s.cfg.Events(), change.NoticeChainBroken) {
		return verifyEvery
	}
	err := s.cfg.Verify(ctx)
	if errors.Is(err, change.ErrTampered) {
		now := time.Now().UTC()
		err = s.cfg.Outbox.Add(ctx, change.Notice{
			ID: "ntc_trail_" + now.Format(time.DateOnly), Kind: change.NoticeChainBroken, At: now,
		})
	}
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "verifying the audit trail", "err", fmt.Errorf("for a notice: %w", err))
	}
	return verifyEvery
}
