package intercom

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// trouble is one way for all requests of a call to go wrong, and what must
// come of it: how many requests each class of operation makes, and the kind
// that reads and writes fail with. No kind means that the call works.
type trouble struct {
	name        string
	answer      func(op operation) func(int, *http.Request) reply
	attempts    [5]int // by class: read, idempotent, absolute, once, scroll
	read, write Kind
	sent        bool
}

func answered(re reply) func(operation) func(int, *http.Request) reply {
	return func(operation) func(int, *http.Request) reply { return always(re) }
}

var troubles = []trouble{
	{"401", answered(refuse(401, "unauthorized", "Access Token Invalid")), [5]int{1, 1, 1, 1, 1}, KindCredential,
		KindCredential, true},
	{"403", answered(refuse(403, "forbidden", "no scope")), [5]int{1, 1, 1, 1, 1}, KindScope, KindScope, true},
	{"404", answered(refuse(404, "not_found", "Resource Not Found")), [5]int{1, 1, 1, 1, 1}, KindNotFound, KindNotFound,
		true},
	{"422", answered(refuse(422, "type_mismatch", "no")), [5]int{1, 1, 1, 1, 1}, KindInvalid, KindInvalid, true},
	{"redirect", answered(reply{status: 302, header: map[string]string{"Location": "https://elsewhere.example/"}}),
		[5]int{1, 1, 1, 1, 1}, KindRedirect, KindRedirect, true},
	{"429 then answered", func(op operation) func(int, *http.Request) reply {
		limited := refuse(429, "rate_limit_exceeded", "Exceeded rate limit of 167 in 10_seconds")
		limited.header = map[string]string{"Retry-After": "3"}
		return script(limited, ok(op.answer))
	}, [5]int{2, 2, 2, 2, 2}, "", "", true},
	{"429 for ever", answered(refuse(429, "rate_limit_exceeded", "no")), [5]int{3, 3, 3, 3, 3}, KindRateLimited,
		KindRateLimited, true},
	{"500", answered(refuse(500, "server_error", "oops")), [5]int{2, 3, 1, 1, 1}, KindUnavailable, KindOutcomeUnknown,
		true},
	{"502 with HTML", answered(reply{status: 502, body: "<html>"}), [5]int{3, 3, 1, 1, 1}, KindUnavailable,
		KindOutcomeUnknown, true},
	{"403 with HTML", answered(reply{status: 403, body: "<html>"}), [5]int{3, 3, 1, 1, 1}, KindUnavailable,
		KindOutcomeUnknown, true},
	{"404 with HTML", answered(reply{status: 404, body: "<html>"}), [5]int{3, 3, 1, 1, 1}, KindUnavailable,
		KindOutcomeUnknown, true},
	{"401 with HTML", answered(reply{status: 401, body: "\n<!doctype html><html>Sign in"}), [5]int{3, 3, 1, 1, 1},
		KindUnavailable, KindOutcomeUnknown, true},
	{"200 with HTML", answered(reply{status: 200, body: "<html>"}), [5]int{3, 1, 1, 1, 1}, KindUnavailable,
		KindOutcomeUnknown, true},
	{"404 without a body", answered(reply{status: 404}), [5]int{3, 3, 1, 1, 1}, KindUnavailable, KindOutcomeUnknown, true},
	{"503", answered(refuse(503, "service_unavailable", "no")), [5]int{3, 3, 1, 1, 1}, KindUnavailable, KindOutcomeUnknown,
		true},
	{"connection reset", answered(reset), [5]int{3, 3, 1, 1, 1}, KindUnavailable, KindOutcomeUnknown, true},
	{"no answer in time", answered(reply{after: time.Hour}), [5]int{3, 3, 1, 1, 1}, KindUnavailable, KindOutcomeUnknown,
		true},
	{"connection refused", answered(refused), [5]int{3, 3, 3, 3, 3}, KindUnavailable, KindUnavailable, false},
	{"truncated", answered(reply{status: 200, body: contactBody, truncated: true}), [5]int{3, 1, 1, 1, 1}, KindUnavailable,
		KindOutcomeUnknown, true},
}

func TestFailuresOfEveryOperation(t *testing.T) {
	t.Parallel()
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			eachOperation(t, func(t *testing.T, op operation) { tr.check(t, op) })
		})
	}
}

func (tr trouble) check(t *testing.T, op operation) {
	c, f := newFake(t, Config{}, tr.answer(op))
	err := op.call(background, c.WithPriority(PriorityBulk), goodIDs)
	want := tr.attempts[op.class]
	if tr.read == KindNotFound && op.readsWhoIsMissing() {
		want++
	}
	if got := len(f.sent()); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
	tr.checkError(t, op, err)
}

// readsWhoIsMissing reports whether a 404 leaves open if a contact was merged.
func (op operation) readsWhoIsMissing() bool {
	return strings.Contains(op.request, "/contacts/i1") && op.request != "GET /contacts/i1" ||
		strings.HasPrefix(op.request, "POST /contacts/merge")
}

// offered reports whether the trouble says that the workspace does not offer the operation.
func (op operation) offered(tr trouble) bool {
	bulk := strings.HasPrefix(op.name, "Bulk.") && op.name != "Bulk.Job"
	return strings.HasPrefix(tr.name, "40") && tr.name >= "403" && (bulk || op.name == "Contacts.PreviewMerge" &&
		tr.name != "404")
}

func (tr trouble) checkError(t *testing.T, op operation, err error) {
	want := tr.read
	if op.class.writes() {
		want = tr.write
	}
	if op.offered(tr) {
		want = KindVersion
	}
	if op.name == "Companies.FindByName" && want == KindNotFound {
		want = "" // none found is an answer
	}
	if want == "" {
		if err != nil {
			t.Errorf("failed: %v", err)
		}
		return
	}
	e := asError(t, err)
	if e.Kind() != want || e.Sent != tr.sent {
		t.Errorf("got kind %s, sent %t; want %s, %t: %v", e.Kind(), e.Sent, want, tr.sent, err)
	}
	if e.Retryable() != (want == KindUnavailable || want == KindRateLimited) {
		t.Errorf("retryable is %t", e.Retryable())
	}
	method, _, _ := strings.Cut(op.request, " ")
	if e.Method != method || !strings.HasPrefix(e.Path, "/") {
		t.Errorf("the error names %q %q", e.Method, e.Path)
	}
	if strings.Contains(err.Error(), "secret-token") {
		t.Errorf("the error tells the token: %v", err)
	}
}

func TestAnswersAreCapped(t *testing.T) {
	c, f := newFake(t, Config{}, always(reply{status: 200, body: strings.Repeat(" ", maxBody) + contactBody}))
	for want, call := range map[Kind]func() error{
		KindUnavailable:    func() error { return result(c.Contacts.Get(background, "i1")) },
		KindOutcomeUnknown: func() error { return result(c.Contacts.AddTag(background, "i1", "i2")) },
	} {
		if err := call(); KindOf(err) != want || !errors.Is(err, errTooLong) {
			t.Errorf("got %v, want kind %s", err, want)
		}
	}
	if n := len(f.sent()); n != 2 {
		t.Errorf("%d requests, want none repeated", n)
	}
}

func TestEmptyAnswers(t *testing.T) {
	eachOperation(t, func(t *testing.T, op operation) {
		c, _ := newFake(t, Config{}, always(ok(" \n")))
		err := op.call(background, c, goodIDs)
		want := KindUnavailable
		switch {
		case op.name == "Tags.Delete":
			want = ""
		case op.class.writes():
			want = KindOutcomeUnknown
		}
		if KindOf(err) != want {
			t.Errorf("got %v, want kind %q", err, want)
		}
	})
}

// hostileIDs could lead a request elsewhere if they reached its path.
var hostileIDs = []string{"", ".", "..", "../admins", "a/b", "a%2Fb", "a?b", "a#b", "a b", "a\x00", "a\r\nX: y",
	"\u00e4", strings.Repeat("a", 65), strings.Repeat("a", 10_000)}

func TestHostileIDsAreNotSent(t *testing.T) {
	eachOperation(t, func(t *testing.T, op operation) {
		c, f := newFake(t, Config{}, always(ok(op.answer)))
		for i := range op.ids {
			for _, hostile := range hostileIDs {
				ids := goodIDs
				ids[i] = hostile
				e := asError(t, op.call(background, c, ids))
				if e.Kind() != KindInvalid || e.Sent {
					t.Errorf("id %d %.20q: got kind %s, sent %t", i, hostile, e.Kind(), e.Sent)
				}
				if len(e.Error()) > 300 {
					t.Errorf("id %d %.20q: the error has %d bytes", i, hostile, len(e.Error()))
				}
			}
		}
		if n := len(f.sent()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

func TestEndedContextsSendNothing(t *testing.T) {
	eachOperation(t, func(t *testing.T, op operation) {
		c, f := newFake(t, Config{}, always(ok(op.answer)))
		ctx, cancel := context.WithCancel(background)
		cancel()
		err := op.call(ctx, c, goodIDs)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		if e := asError(t, err); e.Sent || len(f.sent()) > 0 {
			t.Error("something was sent")
		}
	})
}
