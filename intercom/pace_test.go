package intercom

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestPace learns how long answers take by what is asked, the latest most, and takes what was not asked for the others.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		re := ok(contactBody)
		c, _ := newFake(t, Config{}, func(int, *http.Request) reply { return re })
		expect := func(when string, want Pace) {
			t.Helper()
			if got := c.Pace(); got != want {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		const ms = time.Millisecond
		expect("nothing was asked", Pace{usualPace, usualPace, usualPace})
		re.after = 40 * ms
		if err := result(c.Contacts.Update(background, "i1", ContactWrite{})); err != nil {
			t.Fatal(err)
		}
		expect("a write", Pace{40 * ms, 40 * ms, 40 * ms})
		for _, after := range []time.Duration{100 * ms, 300 * ms} {
			re.after = after
			if err := get(background, c); err != nil {
				t.Fatal(err)
			}
		}
		expect("two reads", Pace{200 * ms, 200 * ms, 40 * ms})
		re, re.after = ok(listBody), 500*ms
		if err := result(c.Contacts.Search(background, SearchRequest{Query: Filter{Field: "id", Operator: "=",
			Value: "i1"}})); err != nil {
			t.Fatal(err)
		}
		expect("a search", Pace{200 * ms, 500 * ms, 40 * ms})
		re, re.after = refuse(http.StatusNotFound, "not_found", "Contact Not Found"), 200*ms
		for range 100 {
			_ = get(background, c) // it was answered
		}
		expect("who is not found", Pace{200 * ms, 500 * ms, 40 * ms})
		re = reset
		re.after = time.Second
		_ = get(background, c)
		expect("no answer", Pace{200 * ms, 500 * ms, 40 * ms})
		re, re.after = ok(contactBody), 5*ms
		for range 100 {
			_ = get(background, c)
		}
		if got := c.Pace().Read; got > 10*ms {
			t.Errorf("after many quick ones: %v", got)
		}
	})
}
