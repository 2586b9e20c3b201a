package intercom

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Time is an instant in whole seconds, UTC, or none, which is the zero Time. The epoch is an instant like any other.
type Time struct {
	unix  int64
	known bool
}

// The seconds of the years 1 to 9999: what is beyond them can only be milliseconds. A date in 9999 often stands for
// never.
const (
	firstSecond = -62_135_596_800
	lastSecond  = 253_402_300_799
)

// isSeconds reports whether a number can be seconds.
func isSeconds(n int64) bool { return n >= firstSecond && n <= lastSecond }

// Unix is the instant so many seconds after the epoch.
func Unix(seconds int64) Time { return Time{unix: seconds, known: true} }

// Time returns the instant in UTC, the zero time.Time for none.
func (t Time) Time() time.Time {
	if !t.known {
		return time.Time{}
	}
	return time.Unix(t.unix, 0).UTC()
}

// Unix returns the seconds since the epoch, 0 for none.
func (t Time) Unix() int64 { return t.unix }

// IsZero reports whether there is no time.
func (t Time) IsZero() bool { return !t.known }

// Equal reports whether both are the same instant, or none.
func (t Time) Equal(other Time) bool { return t == other }

// String is the instant in RFC 3339, "" for none.
func (t Time) String() string {
	if !t.known {
		return ""
	}
	return t.Time().Format(time.RFC3339)
}

// MarshalJSON writes seconds, or null for none.
func (t Time) MarshalJSON() ([]byte, error) {
	if !t.known {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, t.unix, 10), nil
}

// UnmarshalJSON accepts what the API versions send: seconds, seconds in a
// string, milliseconds in either, RFC 3339, and null.
func (t *Time) UnmarshalJSON(data []byte) error {
	data = bytes.Trim(data, `"`)
	if len(data) == 0 || string(data) == "null" {
		*t = Time{}
		return nil
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil {
		n, err = parseOddTime(string(data))
	}
	if !isSeconds(n) {
		n /= 1000
	}
	if err != nil || !isSeconds(n) {
		return fmt.Errorf("%.40q is no time", data)
	}
	*t = Unix(n)
	return nil
}

// parseOddTime reads fractions of seconds since the epoch, and dates.
func parseOddTime(text string) (int64, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		if f != f || f > 1e18 || f < 0 {
			return 0, strconv.ErrRange
		}
		return int64(f), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.Unix(), err
}
