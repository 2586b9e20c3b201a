package stored

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

// ScanRequest reads a request from a row of its body and how often it was taken, and whatever more the row has. It goes
// by sql.Row.Scan or sql.Rows.Scan.
func ScanRequest(scan func(...any) error, more ...any) (r change.Request, err error) {
	var body []byte
	var taken int
	if err := scan(append([]any{&body, &taken}, more...)...); err != nil {
		return r, err
	}
	err = Decode(body, &r)
	r.Taken = taken
	return r, err
}

// ScanNotice reads a notice from a row of its id, kind, change, times, and what became of it so far, likewise.
func ScanNotice(scan func(...any) error) (n change.Notice, err error) {
	var at int64
	var expires sql.NullInt64
	err = scan(&n.ID, &n.Kind, &n.Change, &at, &expires, &n.Taken, &n.Tried, &n.Problem)
	if n.At = time.Unix(0, at); expires.Valid {
		n.ExpiresAt = time.Unix(0, expires.Int64)
	}
	return n, err
}

// ScanEvent reads an event from a row of its body and its hash, likewise.
func ScanEvent(scan func(...any) error) (change.Event, error) {
	var body, hash string
	if err := scan(&body, &hash); err != nil {
		return change.Event{}, err
	}
	return change.ParseEvent(body, hash)
}

// ScanBody reads an event as it is stored from a row of its number, its body and its hash, likewise.
func ScanBody(scan func(...any) error) (at change.Head, body string, err error) {
	err = scan(&at.Seq, &body, &at.Hash)
	return at, body, err
}

// YieldEvents yields the events of rows as [ScanEvent] reads them, until there are no more or yield returns false.
func YieldEvents(rows *sql.Rows, yield func(change.Event, error) bool) error {
	for rows.Next() {
		e, err := ScanEvent(rows.Scan)
		if err != nil {
			return err
		}
		if !yield(e, nil) {
			return nil
		}
	}
	return rows.Err()
}

// ScanSession reads a session, as it is listed, from a row of its key, its end and its body.
func ScanSession(scan func(...any) error) (k change.KeptSession, err error) {
	var key, body []byte
	var until int64
	if err := scan(&key, &until, &body); err != nil {
		return k, err
	}
	if n, err := hex.Decode(k.Key[:], key); err != nil || n != len(k.Key) {
		return k, fmt.Errorf("%w: reading the key of a session: %q", change.ErrUnavailable, key)
	}
	k.Until = time.Unix(0, until)
	err = Decode(body, &k.Session)
	k.Session.Form = nil
	return k, err
}

// ScanInstance reads a server from a row of its body, likewise.
func ScanInstance(scan func(...any) error) (i change.Instance, err error) {
	var body []byte
	if err := scan(&body); err != nil {
		return i, err
	}
	return i, Decode(body, &i)
}
