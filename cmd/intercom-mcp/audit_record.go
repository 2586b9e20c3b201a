package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"intercom-mcp/policy/change"
)

// auditRecordFields are the fields of a record of the Tamper-Evident Audit Record Contract (SEP-3004, canonical form
// audit-record-contract/1): its core, its extensions, and its hash.
// https://github.com/modelcontextprotocol/modelcontextprotocol/pull/3004
var auditRecordFields = []string{"event_id", "occurred_at", "principal_id", "event_type", "tool_name", "outcome",
	"extensions", "previous_hash", "event_hash"}

const (
	// auditExtension is the type of the extension that holds an event as it is in the trail.
	auditExtension = "x-intercom-mcp"
	// maxRecordText bounds a text in a record, in UTF-16 units; a longer one is cut.
	maxRecordText = 8192
)

// auditRecords makes audit records of events. Their hash chain is of its own, from the first record that is exported:
// the trail's hashes are in the extension.
type auditRecords struct {
	find     func(id string) (change.Change, error)
	latest   change.Change // whose principal and tool are known
	previous any           // event_hash of the record before; nil for the first
}

// row makes the record of the next event. Its values are in the order of auditRecordFields.
func (a *auditRecords) row(e change.Event) []any {
	if e.Change != a.latest.ID {
		a.latest = change.Change{ID: e.Change}
		if found, err := a.find(e.Change); e.Change != "" && err == nil {
			a.latest = change.Change{ID: found.ID, Principal: found.Principal, Tool: found.Tool}
		}
	}
	facts := make(map[string]any, len(e.Facts))
	for name, value := range e.Facts {
		facts[name] = recordText(value)
	}
	record := map[string]any{
		"event_id": e.Hash, "occurred_at": e.Time.UTC().Format("2006-01-02T15:04:05.000Z"),
		"principal_id": recordText(cmp.Or(e.Principal, a.latest.Principal, e.Facts["by"], change.Server)),
		"event_type":   string(e.Kind), "tool_name": nil, "outcome": recordOutcome(&e), "previous_hash": a.previous,
		"extensions": map[string]any{auditExtension: map[string]any{
			"seq": strconv.FormatInt(e.Seq, 10), "change": e.Change, "facts": facts, "hash": e.Hash, "previous": e.Previous,
		}},
	}
	if tool := cmp.Or(e.Facts["tool"], a.latest.Tool); tool != "" {
		record["tool_name"] = tool
	}
	sum := sha256.Sum256(canonicalRecord(record))
	a.previous = hex.EncodeToString(sum[:])
	record["event_hash"] = a.previous
	values := make([]any, len(auditRecordFields))
	for i, field := range auditRecordFields {
		if values[i] = record[field]; values[i] == nil {
			values[i] = json.RawMessage("null") // which the contract tells from absent
		}
	}
	return values
}

// canonicalRecord is the bytes of which a record's hash is taken: JSON with sorted keys and no blanks. All its texts
// have passed recordText or are ASCII, and none of its values is a number.
func canonicalRecord(record map[string]any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(record) // to memory, of texts and maps
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// recordText is a text as records may hold it: composed (NFC), without control characters, blanks around it or
// separators of lines, and no longer than maxRecordText.
func recordText(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Trim(norm.NFC.String(text), " ")
	if units := utf16.Encode([]rune(text)); len(units) > maxRecordText {
		text = strings.Trim(string(utf16.Decode(units[:maxRecordText-1])), " ") + "…"
	}
	return text
}

// recordOutcome is how an event went, in the contract's words: allowed, denied, deferred or error.
func recordOutcome(e *change.Event) string {
	switch e.Kind {
	case change.KindRefused, change.Kind(change.StatusDeclined), change.Kind(change.StatusCancelled),
		change.Kind(change.StatusExpired), change.Kind(change.StatusStale), change.KindStopRequested,
		change.Kind(change.StatusStopped), change.KindFrozen, change.KindSessionEnded:
		return "denied"
	case change.Kind(change.StatusFailed), change.Kind(change.StatusUnknown), change.Kind(change.StatusPartial):
		return "error"
	case change.KindPlanned:
		if e.Facts["status"] == string(change.StatusAwaiting) {
			return "deferred"
		}
	case change.KindCall:
		if status, err := strconv.Atoi(e.Facts["status"]); err == nil && (status == 0 || status >= 400) {
			return "error"
		}
	}
	return "allowed"
}
