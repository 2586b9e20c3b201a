package toolerr

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"intercom-mcp/tools/internal/text"
)

const (
	describedSize = 1200 // bytes of what is described of several problems; of the others the places are listed
	placesSize    = 250  // bytes of a list of places; of more only the number is told
	nextSize      = 600  // bytes of different next steps that an error of several problems gives
)

// Several gathers what is wrong in different places of one call's arguments, so that one error names all of it. Its
// zero value is ready. It is used by one goroutine.
type Several struct{ found []problem }

// problem is what is wrong in one place.
type problem struct {
	place string // such as updates[3].contact; "" where the error's message says it
	err   *Error
}

// Add gathers an error that an agent can act on, at a place of the arguments: "" where its message says that. Any other
// error is returned, and ends the call; so is nil.
func (s *Several) Add(place string, err error) error {
	toolErr, ok := err.(*Error)
	switch {
	case !ok:
		return err
	case toolErr.several == nil:
		s.found = append(s.found, problem{place, toolErr})
	}
	for _, inner := range toolErr.several {
		if place != "" && inner.place != "" {
			inner.place = ": " + inner.place
		}
		s.found = append(s.found, problem{place + inner.place, inner.err})
	}
	return nil
}

// Len is how many problems were gathered.
func (s *Several) Len() int { return len(s.found) }

// Err is nil where nothing was gathered, the problem where it is one, and else an error that names all of them in the
// order of their places, the same at several places once. Its code is that of all, or invalid_argument.
func (s *Several) Err() error {
	switch len(s.found) {
	case 0:
		return nil
	case 1:
		if s.found[0].place == "" {
			return s.found[0].err
		}
		return At(s.found[0].err, s.found[0].place)
	}
	found := slices.Clone(s.found)
	slices.SortStableFunc(found, func(a, b problem) int { return cmp.Compare(index(a.place), index(b.place)) })
	all := &Error{Code: found[0].err.Code, several: found}
	for _, p := range found {
		if p.err.Code != all.Code {
			all.Code = InvalidArgument
		}
	}
	all.Message = fmt.Sprintf("%d problems. %s.", len(found), describe(grouped(found)))
	all.Next = nextSteps(found, func(e *Error) string { return e.Next })
	all.ByHand = nextSteps(found, func(e *Error) string { return e.ForPerson().Next })
	return all
}

// Each returns the problems that the error names, without their places; the error itself where it is of one.
func (e *Error) Each() []*Error {
	if e.several == nil {
		return []*Error{e}
	}
	each := make([]*Error, len(e.several))
	for i, p := range e.several {
		each[i] = p.err
	}
	return each
}

// group are problems whose messages begin alike, up to the value that they quote.
type group struct {
	head  string
	cases []*alike
}

// alike are problems of the same message.
type alike struct {
	tail   string // of the message: the value and what is said of it; "" where none is quoted
	places []string
}

// grouped puts problems together that are alike, in the order of the first of each.
func grouped(found []problem) []*group {
	var groups []*group
	for _, p := range found {
		head, tail := strings.TrimSuffix(p.err.Message, "."), ""
		if at := strings.IndexByte(head, '"'); at > 0 {
			head, tail = head[:at], head[at:]
		}
		g := findOr(&groups, func(g *group) bool { return g.head == head }, &group{head: head})
		c := findOr(&g.cases, func(c *alike) bool { return c.tail == tail }, &alike{tail: tail})
		c.places = append(c.places, p.place)
	}
	return groups
}

// findOr is the one of a list that matches, or another one, which is added to it.
func findOr[T any](list *[]*T, matches func(*T) bool, other *T) *T {
	if i := slices.IndexFunc(*list, matches); i >= 0 {
		return (*list)[i]
	}
	*list = append(*list, other)
	return other
}

// describe tells groups of problems, the first of each and more as far as there is room; of the others the places
// alone.
func describe(groups []*group) string {
	room := describedSize
	for _, g := range groups {
		room -= len(g.head) + g.cases[0].size()
	}
	var lines, rest []string
	for _, g := range groups {
		var told []string
		var places placeList
		for i, c := range g.cases {
			if i > 0 {
				if room -= c.size(); room < 0 {
					rest = append(rest, c.places...)
					continue
				}
			}
			told = append(told, strings.TrimSpace(places.write(c.places)+" "+c.tail))
		}
		line := strings.TrimRight(g.head, ": ") + ": " + strings.Join(told, ", ")
		if len(g.cases) == 1 {
			line = g.head + g.cases[0].tail
			if at := new(placeList).write(g.cases[0].places); at != "" {
				line = at + ": " + line
			}
		}
		lines = append(lines, line)
	}
	if len(rest) > 0 {
		slices.SortStableFunc(rest, func(a, b string) int { return cmp.Compare(index(a), index(b)) })
		lines = append(lines, "More at "+new(placeList).write(slices.Compact(rest)))
	}
	return strings.Join(lines, ". ")
}

// size is about how much room it takes among others of its group.
func (c *alike) size() int { return len(c.tail) + 8*min(len(c.places), placesSize/8) }

// nextSteps lists what to do about several problems, each step once, and that nothing was written.
func nextSteps(found []problem, stepOf func(*Error) string) string {
	var steps []string
	room := nextSize
	for _, p := range found {
		step := stepOf(p.err)
		next := text.Sentence(step)
		if step == "" || slices.Contains(steps, next) || len(next) > room {
			continue
		}
		steps = append(steps, next)
		room -= len(next) + 1
	}
	return strings.Join(append(steps, "Nothing was written."), " ")
}

// index is the first index that a place names; -1 where it names none.
func index(place string) int {
	_, rest, _ := strings.Cut(place, "[")
	return number(rest)
}

// lastIndex is the last one.
func lastIndex(place string) int { return number(place[strings.LastIndexByte(place, '[')+1:]) }

// number is the one that a text begins with, up to a bracket; -1 where it begins with none.
func number(text string) int {
	digits, _, _ := strings.Cut(text, "]")
	if n, err := strconv.Atoi(digits); err == nil {
		return n
	}
	return -1
}

// placeList writes places, those of one array by its name once: updates[0], [2]-[5].
type placeList struct {
	last string   // that was written
	all  []string // what was written last
}

// write lists places, as far as there is room. The same as last are not written again.
func (l *placeList) write(places []string) string {
	if slices.Equal(places, l.all) {
		return ""
	}
	l.all = places
	var list []string
	size := 0
	for at := 0; at < len(places); at++ {
		place := places[at]
		if place == "" || place == l.last {
			continue
		}
		shown, last := l.short(place), at
		for last+1 < len(places) && (places[last+1] == places[last] || follows(places[last], places[last+1])) {
			last++
		}
		if last > at && lastIndex(places[last]) > lastIndex(place)+1 {
			shown += fmt.Sprintf("-[%d]", lastIndex(places[last]))
			at = last
		}
		if size += len(shown) + 2; size > placesSize {
			return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", len(places)-at)
		}
		list = append(list, shown)
		l.last = places[at]
	}
	return strings.Join(list, ", ")
}

// short is a place without what it has in common with the last one.
func (l *placeList) short(place string) string {
	before, after := around(place)
	if b, a := around(l.last); l.last == "" || lastIndex(place) < 0 || b != before || a != after {
		return place
	}
	return fmt.Sprintf("[%d]", lastIndex(place))
}

// follows reports whether a place is the next one of the same array.
func follows(place, next string) bool {
	b, a := around(place)
	before, after := around(next)
	return lastIndex(place) >= 0 && lastIndex(next) == lastIndex(place)+1 && b == before && a == after
}

// around is what stands before and after the last index of a place.
func around(place string) (before, after string) {
	at := strings.LastIndexByte(place, '[')
	if at < 0 {
		return place, ""
	}
	_, after, _ = strings.Cut(place[at:], "]")
	return place[:at], after
}
