package intercom

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Time is an instant in Unix seconds, UTC; 0 stands for none.
type Time int64

// milliseconds is the least value that can only be milliseconds: as seconds
// it would lie in the year 5138.
const milliseconds = 100_000_000_000

// TimeOf is t in whole seconds; the zero time.Time becomes none.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.Unix())
}

// Time returns the instant in UTC, the zero time.Time for none.
func (t Time) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t), 0).UTC()
}

// IsZero reports whether there is no time.
func (t Time) IsZero() bool { return t == 0 }

// String is the instant in RFC 3339, "" for none.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return t.Time().Format(time.RFC3339)
}

// UnmarshalJSON accepts what the API versions send: seconds, seconds in a
// string, milliseconds in either, RFC 3339, and null.
func (t *Time) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "" || text == "null" {
		*t = 0
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		n, err = parseOddTime(text)
	}
	if err != nil {
		return fmt.Errorf("%.40q is no time", text)
	}
	if n >= milliseconds || n <= -milliseconds {
		n /= 1000
	}
	*t = Time(n)
	return nil
}

// parseOddTime reads fractions of seconds, and dates.
func parseOddTime(text string) (int64, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		if f != f || f > 1e18 || f < -1e18 {
			return 0, strconv.ErrRange
		}
		return int64(f), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.Unix(), err
}
