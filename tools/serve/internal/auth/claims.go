package auth

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// unixTime is a NumericDate: seconds, perhaps with a fraction.
// https://www.rfc-editor.org/rfc/rfc7519#section-2
type unixTime float64

// Time is the time itself.
func (u unixTime) Time() time.Time { return time.Unix(int64(u), 0) }

// words are a list of text, or a text with blanks between them.
type words []string

// UnmarshalJSON implements [json.Unmarshaler].
func (w *words) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*w = strings.Fields(text)
		return nil
	}
	var list []any
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	*w = nil
	for _, item := range list {
		if text, ok := item.(string); ok {
			*w = append(*w, text)
		}
	}
	return nil
}

// truth reads a boolean, also one that a provider writes as text.
func truth(value any) bool { return value == true || value == "true" }

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// subject reports whether a text can name somebody in records.
func subject(text string) bool {
	return text != "" && len(text) <= maxSubject && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// clip keeps a person's name or address to what records take.
func clip(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	for len(text) > maxSubject {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// bounded is a client whose answers end after maxKeys bytes.
func bounded(client *http.Client) *http.Client {
	limited := *client
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	limited.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil {
			response.Body = &boundedBody{response.Body, maxKeys}
		}
		return response, err
	})
	return &limited
}

type transportFunc func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// boundedBody fails once it is longer than left.
type boundedBody struct {
	body io.ReadCloser
	left int
}

// Read implements [io.Reader].
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errors.New("the answer is too long")
	}
	return n, err
}

// Close implements [io.Closer].
func (b *boundedBody) Close() error { return b.body.Close() }
