package changetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// Interleavings lets processes plan, confirm, decline, expire, work, resume and die at random on one store, and then
// holds the trail, the changes and what the processes were told against each other. A process is the child walk of the
// package under test, with the arguments args and a seed of its own, which calls [Walk]; open opens the store.
func Interleavings(t *testing.T, args []string, open func(t *testing.T) change.Durable) {
	const processes, lives, mostLives, enough = 3, 6, 60, 50
	seed := CrashSeed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	var lines []string
	var wg sync.WaitGroup
	for range processes {
		seeds, spans := make([]string, mostLives), make([]time.Duration, mostLives)
		for i := range mostLives {
			seeds[i] = strconv.FormatUint(random.Uint64(), 10)
			spans[i] = time.Duration(100+random.IntN(300)) * time.Millisecond
		}
		wg.Go(func() {
			said := 0 // by all, as of the last life; a slow machine needs more of them, and longer ones
			for i := 0; i < lives || said < enough && i < mostLives; i++ {
				span := spans[i] * time.Duration(1+i/lives)
				now := liveAndDie(t, span, append(slices.Clone(args), seeds[i])...)
				mu.Lock()
				lines = append(lines, now...)
				said = len(lines)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(lines) < enough {
		t.Errorf("only %d things were done", len(lines))
	}
	checkTold(t, open(t), lines)
}

// liveAndDie runs a walker for a while and kills it at some point, and returns
// what it had said until then.
func liveAndDie(t *testing.T, span time.Duration, args ...string) []string {
	t.Helper()
	command := Child(t, "walk", args...)
	var out bytes.Buffer
	command.Stdout = &out
	if err := command.Start(); err != nil {
		t.Error(err)
		return nil
	}
	timer := time.AfterFunc(span, func() { _ = command.Process.Kill() })
	err := command.Wait()
	if timer.Stop() {
		t.Errorf("walker %v ended by itself: %v", args, err)
	}
	said := strings.Split(out.String(), "\n")
	return said[:len(said)-1] // the last is empty, or was cut off
}

// life is what the trail tells of one change.
type life struct {
	level    policy.Level
	status   change.Status
	approved policy.Level // of the last approval
	starts   int
	stopped  bool
	items    map[string]string // outcome by index
	done     map[string]bool   // in the words of a walker
}

// checkTold holds the trail to the rules, and the changes and the witnesses'
// lines to the trail.
func checkTold(t *testing.T, s change.Durable, lines []string) {
	t.Helper()
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	lives := make(map[string]*life)
	for e, err := range s.Events(t.Context(), change.EventQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == change.KindPlanned {
			l := &life{status: change.Status(e.Facts["status"]), items: make(map[string]string),
				done: map[string]bool{"created " + e.Change: true}}
			if err := l.level.UnmarshalText([]byte(e.Facts["level"])); err != nil {
				t.Fatal(err)
			}
			lives[e.Change] = l
			continue
		}
		if err := lives[e.Change].follow(e); err != nil {
			t.Errorf("event %d of %s: %v", e.Seq, e.Change, err)
		}
	}
	for _, line := range lines {
		if l := lives[strings.Fields(line)[1]]; l == nil || !l.done[line] {
			t.Errorf("lost: %s", line)
		}
	}
	for id, l := range lives {
		c, err := s.Get(t.Context(), "ann", id)
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range c.Items {
			if want := l.items[strconv.Itoa(i)]; string(item.Outcome) != want {
				t.Errorf("%s: item %d is %q, the trail tells %q", id, i, item.Outcome, want)
			}
			if item.Outcome == change.Pending && l.starts > 0 && c.Status.Ended() {
				t.Errorf("%s: it was begun and is %s, and item %d has no outcome", id, c.Status, i)
			}
		}
	}
	t.Logf("%d changes, %d things told", len(lives), len(lines))
}

// follow takes the life one event further, unless the event breaks a rule.
func (l *life) follow(e change.Event) error {
	switch e.Kind {
	case change.KindApproved:
		return l.approved.UnmarshalText([]byte(e.Facts["level"]))
	case change.KindResumed:
		l.done["resumed "+e.Change] = true
		if l.status != change.StatusApplying && l.status != change.StatusApproved {
			return fmt.Errorf("resumed when %s", l.status)
		}
		return nil
	case change.KindStopRequested:
		if l.status != change.StatusApplying {
			return fmt.Errorf("asked to stop when %s", l.status)
		}
		if l.stopped {
			return errors.New("asked to stop twice")
		}
		l.stopped = true
		return nil
	case change.KindRecorded:
		return l.record(e)
	}
	to := change.Status(e.Kind)
	if !l.status.CanBecome(to) {
		return fmt.Errorf("from %s to %s", l.status, to)
	}
	if to == change.StatusApplying {
		if l.starts++; l.starts > 1 {
			return fmt.Errorf("runs %d times", l.starts)
		}
		if l.status == change.StatusAwaiting && (l.approved == policy.LevelNone || l.approved < l.level) {
			return fmt.Errorf("started at level %s, needs %s", l.approved, l.level)
		}
	}
	l.status = to
	l.done[fmt.Sprintf("step %s %s", e.Change, to)] = true
	return nil
}

// record takes over the outcome of one item, which has none yet.
func (l *life) record(e change.Event) error {
	if l.status != change.StatusApplying {
		return fmt.Errorf("recorded when %s", l.status)
	}
	for outcome, list := range e.Facts {
		if outcome == "digest" || outcome == "reasons" {
			continue
		}
		for _, index := range spread(list) {
			if l.items[index] != "" {
				return fmt.Errorf("item %s is %s already", index, l.items[index])
			}
			l.items[index] = outcome
			l.done[fmt.Sprintf("recorded %s %s %s", e.Change, index, outcome)] = true
		}
	}
	return nil
}

// spread lists the indexes of ranges such as 0-2,5.
func spread(list string) []string {
	var indexes []string
	for part := range strings.SplitSeq(list, ",") {
		first, last, _ := strings.Cut(part, "-")
		from, _ := strconv.Atoi(first)
		to := from
		if last != "" {
			to, _ = strconv.Atoi(last)
		}
		for ; from <= to; from++ {
			indexes = append(indexes, strconv.Itoa(from))
		}
	}
	return indexes
}
