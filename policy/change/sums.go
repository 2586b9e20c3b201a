package change

import (
	"cmp"
	"slices"
	"time"

	"intercom-mcp/policy"
)

// sumsBack is how far before the latest question changes are kept: a question a little earlier is answered, too.
const sumsBack = time.Minute

// Sums count the different targets that the changes of one principal wrote since a time, or may yet, without a look at
// all of them: a store tells them of each change whenever it starts, is confirmed, or comes to outcomes. What a
// question costs depends on the changes since the one before, not on those in the window. They are not safe for
// concurrent use.
type Sums struct {
	floor       int64 // what started before is not kept
	shares      map[string]share
	order       []started // the shares by start, and places of those that were replaced or dropped
	all         latest
	unconfirmed latest
}

// share is what one change adds to the sums.
type share struct {
	at          int64 // when it started, in nanoseconds since 1970
	unconfirmed bool
	targets     []string // each once
}

// started is the place of a change among the others.
type started struct {
	at int64
	id string
}

// NewSums returns sums that are to be told of all changes which started at a time or later.
func NewSums(since time.Time) *Sums {
	return &Sums{floor: since.UnixNano(), shares: make(map[string]share), all: newLatest(), unconfirmed: newLatest()}
}

// Set tells what a change writes, as of now: when it started, zero where it has not, at which level it was confirmed,
// and its targets, see [Change.WrittenTargets]. It replaces what was told of the change before.
func (s *Sums) Set(id string, at time.Time, level policy.Level, targets []string) {
	if len(targets) > 1 {
		targets = slices.Compact(slices.Sorted(slices.Values(targets)))
	}
	now, before := share{at.UnixNano(), level == policy.LevelNone, targets}, s.shares[id]
	switch {
	case at.IsZero() || now.at < s.floor || len(targets) == 0:
		s.replace(id, share{})
	case before.at == now.at && before.unconfirmed == now.unconfirmed:
		s.replace(id, now)
	default:
		s.replace(id, share{})
		s.replace(id, now)
		i, _ := slices.BinarySearchFunc(s.order, now.at+1, func(o started, at int64) int { return cmp.Compare(o.at, at) })
		s.order = slices.Insert(s.order, i, started{now.at, id})
	}
}

// replace replaces a share by another of the same change: one of the same start, or none.
func (s *Sums) replace(id string, now share) {
	before := s.shares[id]
	s.each(before, now, (*latest).remove)
	s.each(now, before, (*latest).add)
	if s.shares[id] = now; len(now.targets) == 0 {
		delete(s.shares, id)
	}
}

// each calls do for the targets of one share that another lacks.
func (s *Sums) each(of, but share, do func(*latest, string, int64)) {
	rest := but.targets
	for _, target := range of.targets {
		for len(rest) > 0 && rest[0] < target {
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0] == target {
			continue
		}
		do(&s.all, target, of.at)
		if of.unconfirmed {
			do(&s.unconfirmed, target, of.at)
		}
	}
}

// Count counts the different targets that other changes have written since a time, or may yet, and those that the
// change about is to write: those that nobody confirmed, and all. known is false where changes would count that are not
// kept: the sums are to be made anew.
func (s *Sums) Count(about *Change, since time.Time) (unconfirmed, all int, known bool) {
	from := since.UnixNano()
	if from < s.floor {
		return 0, 0, false
	}
	if own, stored := s.shares[about.ID]; stored {
		s.replace(about.ID, share{})
		defer s.replace(about.ID, own)
	}
	unconfirmed, all = s.unconfirmed.count(from), s.all.count(from)
	seen := make(map[string]bool)
	for _, target := range about.WrittenTargets() {
		if seen[target] {
			continue
		}
		seen[target] = true
		if s.unconfirmed.of(target) < from {
			unconfirmed++
		}
		if s.all.of(target) < from {
			all++
		}
	}
	s.forget(from - int64(sumsBack))
	return unconfirmed, all, true
}

// forget drops the changes that started before floor.
func (s *Sums) forget(floor int64) {
	for len(s.order) > 0 && s.order[0].at < floor {
		oldest := s.order[0]
		s.order = s.order[1:]
		if s.shares[oldest.id].at == oldest.at {
			s.replace(oldest.id, share{})
		}
	}
	s.floor = max(s.floor, floor)
}

// latest knows when each target was last written, and how many were since a time.
type latest struct {
	starts map[string][]int64 // of the changes that wrote a target, oldest first
	order  []written          // each start of each target once, oldest first
	since  int64
	number int // of targets whose last start is not before since
}

// written is a start of a change that wrote a target.
type written struct {
	at     int64
	target string
}

func newLatest() latest { return latest{starts: make(map[string][]int64)} }

// of is the last start of a target; the lowest number where there is none.
func (l *latest) of(target string) int64 {
	if starts := l.starts[target]; len(starts) > 0 {
		return starts[len(starts)-1]
	}
	return -1 << 63
}

// place finds the place of the first start that is not before at.
func (l *latest) place(at int64) int {
	i, _ := slices.BinarySearchFunc(l.order, at, func(w written, at int64) int { return cmp.Compare(w.at, at) })
	return i
}

// update changes the starts of a target, and keeps the number right.
func (l *latest) update(target string, change func(starts []int64) []int64) {
	if l.of(target) >= l.since {
		l.number--
	}
	if l.starts[target] = change(l.starts[target]); len(l.starts[target]) == 0 {
		delete(l.starts, target)
	}
	if l.of(target) >= l.since {
		l.number++
	}
}

func (l *latest) add(target string, at int64) {
	l.update(target, func(starts []int64) []int64 {
		i, found := slices.BinarySearch(starts, at)
		if !found {
			l.order = slices.Insert(l.order, l.place(at+1), written{at, target})
		}
		return slices.Insert(starts, i, at)
	})
}

func (l *latest) remove(target string, at int64) {
	l.update(target, func(starts []int64) []int64 {
		i, _ := slices.BinarySearch(starts, at)
		if i == 0 {
			return starts[1:]
		}
		return slices.Delete(starts, i, i+1)
	})
	if _, still := slices.BinarySearch(l.starts[target], at); still {
		return
	}
	for i := l.place(at); ; i++ {
		if l.order[i].target != target {
			continue
		}
		if i == 0 {
			l.order = l.order[1:]
		} else {
			l.order = slices.Delete(l.order, i, i+1)
		}
		return
	}
}

// count counts the targets whose last start is not before since.
func (l *latest) count(since int64) int {
	from, to, step := l.place(l.since), l.place(since), -1
	if to < from {
		from, to, step = to, from, 1
	}
	for _, w := range l.order[from:to] {
		if l.of(w.target) == w.at {
			l.number += step
		}
	}
	l.since = since
	return l.number
}
