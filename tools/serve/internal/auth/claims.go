package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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

// roles reads the values of a claim of groups, one text or a list. Roles limit what somebody may do, so a token whose
// roles cannot all be told is refused; one without the claim has none.
func roles(all map[string]json.RawMessage, claim string) ([]string, *Refusal) {
	refuse := func(problem string) ([]string, *Refusal) {
		return nil, invalidToken("the token's claim %.60q %s, and roles limit what its bearer may do: have the identity "+
			"provider send only the groups assigned to the application, or app roles (--groups-claim)", claim, problem)
	}
	if leavesOut(all, claim) {
		return refuse("leaves out groups, as there are too many")
	}
	var list []*string // null is no text
	switch raw := all[claim]; {
	case len(raw) == 0 || string(raw) == "null":
		return nil, nil
	case raw[0] == '"':
		list = []*string{new(string)}
		if json.Unmarshal(raw, list[0]) != nil {
			return refuse("is no text or a list of it")
		}
	case json.Unmarshal(raw, &list) != nil || slices.Contains(list, nil):
		return refuse("is no text or a list of it")
	}
	if len(list) > maxRoles {
		return refuse(fmt.Sprintf("has more than %d groups", maxRoles))
	}
	var roles []string
	for _, text := range list {
		role := strings.TrimSpace(*text)
		switch {
		case len(role) > maxRoleText:
			return refuse(fmt.Sprintf("has a group longer than %d bytes", maxRoleText))
		case role != "":
			roles = append(roles, role)
		}
	}
	return roles, nil
}

// leavesOut reports whether a claim is not in the token, or not whole, as it would be too long.
//
// https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference#groups-overage-claim
func leavesOut(all map[string]json.RawMessage, claim string) bool {
	var has any
	if raw, ok := all["hasgroups"]; ok && claim == "groups" && json.Unmarshal(raw, &has) == nil && truth(has) {
		return true
	}
	var elsewhere map[string]json.RawMessage
	if raw, ok := all["_claim_names"]; ok && json.Unmarshal(raw, &elsewhere) != nil {
		return true
	}
	_, out := elsewhere[claim]
	return out
}

// truth reads a boolean, also one that a provider writes as text.
func truth(value any) bool { return value == true || value == "true" }

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
