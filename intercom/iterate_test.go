package intercom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A list that leads on for ever ends with an error, however it does that.
func TestEndlessLists(t *testing.T) {
	t.Parallel()
	page := func(n int, data string) reply {
		return ok(fmt.Sprintf(`{"data":[%s],"pages":{"next":{"starting_after":"c%d"}}}`, data, n))
	}
	for name, test := range map[string]struct {
		answer   func(n int, _ *http.Request) reply
		requests int
		perPage  int
	}{
		"no rows":       {func(n int, _ *http.Request) reply { return page(n, "") }, maxIdle, 0},
		"the same rows": {func(n int, _ *http.Request) reply { return page(n, contactBody) }, maxIdle + 1, 0},
		"cursors in a circle": {func(n int, _ *http.Request) reply {
			return page(n%2, fmt.Sprintf(`{"id":"%d"}`, n%2))
		}, 2 + maxIdle, 0},
		"new rows for ever": {func(n int, _ *http.Request) reply {
			return page(n, fmt.Sprintf(`{"id":"%d"}`, n))
		}, maxPages, 0},
		"one new row of 150 for ever": {func(n int, _ *http.Request) reply {
			return page(n, fmt.Sprintf(`{"id":"%d"}`, n))
		}, maxThin, 150},
		"slow": {func(n int, _ *http.Request) reply {
			re := page(n, fmt.Sprintf(`{"id":"%d"}`, n))
			re.after = 5 * time.Second
			return re
		}, int(maxWalk/(5*time.Second)) + 1, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, f := newFake(t, Config{}, test.answer)
			err := drain(c.WithPriority(PriorityBulk).Contacts.All(background, PageOptions{PerPage: test.perPage}))
			if KindOf(err) != KindUnavailable || !strings.Contains(err.Error(), "does not advance") {
				t.Errorf("%s: got %v", name, err)
			}
			if n := len(f.sent()); n > test.requests {
				t.Errorf("%s: %d requests", name, n)
			}
		})
	}
}

// What a list repeats comes once.
func TestRepeatedRows(t *testing.T) {
	row := func(id string) string { return `{"id":"` + id + `"}` }
	c, _ := newFake(t, Config{}, script(
		ok(`{"data":[`+row("a")+`,`+row("b")+`,`+row("a")+`],"pages":{"next":{"starting_after":"x"}}}`),
		ok(`{"data":[`+row("b")+`,`+row("c")+`],"pages":{"next":{"starting_after":"y"}}}`),
		ok(`{"data":[],"pages":{"next":{"starting_after":"z"}}}`), ok(`{"data":[`+row("d")+`]}`)))
	var ids string
	for contact, err := range c.Contacts.All(background, PageOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids += contact.ID
	}
	if ids != "abcd" {
		t.Errorf("got %s", ids)
	}
}

// A list that ends before the rows that it promised is an error, behind its rows, whatever its last page says of the
// next; one that lacks a few, or whose total falls, is whole.
func TestShortList(t *testing.T) {
	row := func(from, n int) string {
		var rows []string
		for i := range n {
			rows = append(rows, fmt.Sprintf(`{"id":"r%d","role":"user"}`, from+i))
		}
		return strings.Join(rows, ",")
	}
	for _, end := range []string{``, `,"pages":{}`, `,"pages":null`, `,"pages":{"next":null}`, `,"pages":{"next":""}`,
		`,"pages":{"next":{}}`, `,"pages":{"next":{"starting_after":null}}`} {
		for _, test := range []struct {
			rows, first, last int
			short             bool
		}{{10, 508, 508, true}, {5, 9, 9, true}, {5, 20, 5, false}, {5, 5, 20, false}, {5, 6, 6, false}, {5, 5, 5, false},
			{98, 101, 101, false}} {
			c, _ := newFake(t, Config{}, script(
				ok(fmt.Sprintf(`{"data":[%s],"total_count":%d,"pages":{"next":{"starting_after":"x"}}}`, row(0, 2), test.first)),
				ok(fmt.Sprintf(`{"data":[%s],"total_count":%d%s}`, row(2, test.rows-2), test.last, end))))
			seen := 0
			var failed error
			for _, err := range c.Contacts.All(background, PageOptions{}) {
				if failed = err; err == nil {
					seen++
				}
			}
			if short := KindOf(failed) == KindUnavailable &&
				strings.Contains(failed.Error(), "cut short"); short != test.short ||
				seen != test.rows {
				t.Errorf("%s %+v: %d rows, %v", end, test, seen, failed)
			}
		}
	}
}
