package sandbox

import (
	"math"
	"strconv"
)

// rendered is a value that is JSON already.
type rendered []byte

// jsonText is JSON that is written key by key. Contacts are most of what the sandbox answers, and are written by it:
// reflection over their 60 keys took most of its time.
type jsonText struct{ text []byte }

func (j *jsonText) open()  { j.text = append(j.text, '{') }
func (j *jsonText) close() { j.text = append(j.text, '}') }

// key begins a member of the object that is open.
func (j *jsonText) key(name string) {
	j.comma('{')
	j.text = append(j.text, '"')
	j.text = append(j.text, name...)
	j.text = append(j.text, '"', ':')
}

// comma parts a value from the one before, of which there is none after start.
func (j *jsonText) comma(start byte) {
	if j.text[len(j.text)-1] != start {
		j.text = append(j.text, ',')
	}
}

// str writes a member that is a string.
func (j *jsonText) str(name, value string) {
	j.key(name)
	j.quote(value)
}

// strOrNull is str, with null for "".
func (j *jsonText) strOrNull(name, value string) {
	if value == "" {
		j.null(name)
		return
	}
	j.str(name, value)
}

func (j *jsonText) number(name string, value int64) {
	j.key(name)
	j.text = strconv.AppendInt(j.text, value, 10)
}

// numberOrNull is number, with null for 0.
func (j *jsonText) numberOrNull(name string, value int64) {
	if value == 0 {
		j.null(name)
		return
	}
	j.number(name, value)
}

func (j *jsonText) truth(name string, value bool) {
	j.key(name)
	j.text = strconv.AppendBool(j.text, value)
}

func (j *jsonText) null(name string) {
	j.key(name)
	j.text = append(j.text, "null"...)
}

// member writes a member of any value.
func (j *jsonText) member(name string, value any) {
	j.quoteKey(name)
	j.value(value)
}

// quoteKey is key for a name that was not chosen here.
func (j *jsonText) quoteKey(name string) {
	j.comma('{')
	j.quote(name)
	j.text = append(j.text, ':')
}

// value writes any value as [encoded] does.
func (j *jsonText) value(value any) {
	switch v := value.(type) {
	case string:
		j.quote(v)
	case int64:
		j.text = strconv.AppendInt(j.text, v, 10)
	case bool:
		j.text = strconv.AppendBool(j.text, v)
	case float64:
		if abs := math.Abs(v); abs >= 1e-6 && abs < 1e21 {
			j.text = strconv.AppendFloat(j.text, v, 'f', -1, 64)
			return
		}
		j.text = append(j.text, encoded(v)...)
	default:
		j.text = append(j.text, encoded(v)...)
	}
}

// quote writes a string.
func (j *jsonText) quote(s string) {
	for i := range len(s) {
		if special(rune(s[i])) {
			j.text = append(j.text, encoded(s)...)
			return
		}
	}
	j.text = append(j.text, '"')
	j.text = append(j.text, s...)
	j.text = append(j.text, '"')
}
