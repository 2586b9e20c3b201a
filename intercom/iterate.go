package intercom

import (
	"fmt"
	"iter"
	"time"
)

// The bounds of an iteration over all pages of a list, whatever Intercom answers.
const (
	maxPages = 10_000
	maxRows  = 500_000
	maxIdle  = 3 // pages in a row that have nothing new
	maxWalk  = 30 * time.Minute
	maxThin  = 20 // thin pages in a row
	thinBy   = 20 // a page is thin if it has at most a twentieth of the items asked for, and leads on
)

// Key is the contact's id, by which a list that repeats it is noticed.
func (c Contact) Key() string { return c.ID }

// Key is the company's id, likewise.
func (c Company) Key() string { return c.ID }

// Key is the note's id, likewise.
func (n Note) Key() string { return n.ID }

// Key is the tag's id, likewise.
func (t Tag) Key() string { return t.ID }

// Key is the id of the contact that was merged, likewise.
func (r MergeRecord) Key() string { return r.SourceID }

// seen are the items of a list that were there before.
type seen[T any] map[string]bool

func newSeen[T any]() seen[T] { return make(seen[T]) }

// add reports whether an item is new. One without a key always is.
func (s seen[T]) add(item *T) bool {
	keyed, ok := any(item).(interface{ Key() string })
	if !ok {
		return true
	}
	key := keyed.Key()
	if s[key] {
		return false
	}
	s[key] = true
	return true
}

// endless is the error of a list that does not come to an end.
func endless(why string, args ...any) *Error {
	return &Error{Message: "the list does not advance: " + fmt.Sprintf(why, args...), kind: KindUnavailable}
}

// walk is what an iteration has seen so far.
type walk[T any] struct {
	started           time.Time
	pages, idle, thin int
	seen              seen[T]
	// different rows that came, unreadable ones included, and the lowest total that a page told; -1: none did
	rows, total int
}

// check returns an error for a list that does not advance, hardly advances, or is longer than any can be. The page was
// asked for by at and has so many new items.
func (w *walk[T]) check(page Page[T], at PageOptions, added int) error {
	w.pages++
	w.idle++
	w.thin++
	if added > 0 {
		w.idle = 0
	}
	if added*thinBy > at.PerPage {
		w.thin = 0
	}
	switch {
	case page.Next == "":
		return nil
	case page.Next == at.Cursor:
		return endless("its next page is the same one")
	case w.thin == maxThin && at.PerPage > 0:
		return endless("%d pages in a row have %d of %d rows, or fewer, and lead on", maxThin, at.PerPage/thinBy, at.PerPage)
	case w.idle == maxIdle:
		return endless("%d pages in a row have nothing new", maxIdle)
	case w.pages == maxPages || len(w.seen) >= maxRows:
		return endless("it goes on after %d pages", w.pages)
	case time.Since(w.started) > maxWalk:
		return endless("it goes on after %v", maxWalk)
	}
	return nil
}

// ShortListError is the cause of the error of a list that ends before the rows that it promised: see [ShortList].
type ShortListError struct{ Seen, Total int }

// Error implements error.
func (e *ShortListError) Error() string {
	return fmt.Sprintf("the list was cut short: it promised %d rows and ended after %d", e.Total, e.Seen)
}

// ShortList is the error, with a [*ShortListError] in it, of a list that ended after so many rows though it promised
// more; nil: it came whole. One row and one in fifty may be missing: a total counts records that are being deleted or
// indexed, and a row that moves while the pages are read is passed over. A total below 0 promises nothing.
func ShortList(seen, total int) *Error {
	if seen+1+total/50 >= total && (seen > 0 || total < 2) {
		return nil
	}
	e := &ShortListError{seen, total}
	return &Error{Message: e.Error(), Err: e, kind: KindUnavailable}
}

// count counts the rows of a page, whose items are new.
func (w *walk[T]) count(page *Page[T]) {
	w.rows += len(page.Items) + len(page.Dropped)
	if page.Total >= 0 && (w.total < 0 || page.Total < w.total) {
		w.total = page.Total
	}
}

// end is the error of a list that ends short. Of one that began at a cursor only who gave it knows: see Seen of
// [PageOptions].
func (w *walk[T]) end(from PageOptions) error {
	if from.Cursor != "" && from.Seen == 0 {
		return nil
	}
	if err := ShortList(from.Seen+w.rows, w.total); err != nil {
		return err
	}
	return nil
}

// Pages iterates over the pages of a list, beginning with that of options, each item once, within the bounds above. get
// asks for a page. An error ends the iteration, that of a list without an end, or that ends short, included.
func Pages[T any](options PageOptions, get func(PageOptions) (Page[T], error)) iter.Seq2[Page[T], error] {
	return func(yield func(Page[T], error) bool) {
		w := walk[T]{started: time.Now(), seen: newSeen[T](), total: -1}
		for at := options; ; {
			page, err := get(at)
			var items []T
			for i := range page.Items {
				if w.seen.add(&page.Items[i]) {
					items = append(items, page.Items[i])
				}
			}
			if err == nil {
				err = w.check(page, at, len(items))
			}
			if err != nil {
				yield(Page[T]{}, err)
				return
			}
			page.Items = items
			w.count(&page)
			if !yield(page, nil) {
				return
			}
			if page.Next == "" {
				if err := w.end(options); err != nil {
					yield(Page[T]{}, err)
				}
				return
			}
			at.Cursor = page.Next
		}
	}
}

// all iterates over the items of [Pages].
func all[T any](options PageOptions, get func(PageOptions) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range Pages(options, get) {
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}
