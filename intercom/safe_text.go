package intercom

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// elided stands for what is left out of a message.
const elided = "…"

// SafeText returns what of a message of Intercom's may be logged and told, since nobody wrote it into a record: the
// words of [safeWords], names made of them such as starting_after, Intercom's ids of contacts, and in a message about a
// limit, numbers of up to five digits. Messages repeat values, tokens and what other contacts hold, in words that
// nobody has described; all that stands for by "…". given, which may be nil, tells of a text in lower case whether the
// caller sent it: that stays.
func SafeText(message string, given func(text string) bool) string {
	words := splitWords(message)
	numbers := slices.ContainsFunc(words, func(w messageWord) bool { return ofLimits[strings.ToLower(w.core)] })
	var out []string
	for i := 0; i < len(words); {
		if n := givenAt(words[i:], given); n > 0 {
			for _, word := range words[i : i+n] {
				out = append(out, word.text())
			}
			i += n
			continue
		}
		word := words[i]
		if !safeWord(word.core) || hasDigit(word.core) && (!numbers || word.quoted() || besideNumber(words, i)) {
			word.core = elided
		}
		if last := len(out) - 1; last >= 0 && word.core == elided && word.before == "" && out[last] == elided {
			out = out[:last] // one for all that is left out in a row
		}
		out = append(out, word.text())
		i++
	}
	return strings.Join(out, " ")
}

// messageWord is a word of a message, and the punctuation around it.
type messageWord struct{ before, core, after string }

func (w messageWord) text() string { return w.before + w.core + w.after }

// quoted reports whether a mark before the word says that it is repeated from somewhere.
func (w messageWord) quoted() bool { return strings.ContainsAny(w.before, "'\"`[{") }

// ofLimits are the words of which one is in every message about a limit.
var ofLimits = map[string]bool{"limit": true, "maximum": true, "max": true, "most": true, "exceeds": true,
	"least": true, "minimum": true}

// punctuation is what may stand around a word.
const punctuation = ".,;:!?'\"`()[]{}"

// splitWords takes a message apart at its white space.
func splitWords(message string) []messageWord {
	var words []messageWord
	for text := range strings.FieldsSeq(message) {
		rest := strings.TrimLeft(text, punctuation)
		core := strings.TrimRight(rest, punctuation)
		words = append(words, messageWord{text[:len(text)-len(rest)], core, rest[len(core):]})
	}
	return words
}

// maxGivenWords is how long a text of the caller's may be to be found, in words.
const maxGivenWords = 12

// givenAt returns how many words from the first on are a text that the caller gave; 0 for none.
func givenAt(words []messageWord, given func(text string) bool) int {
	if given == nil {
		return 0
	}
	for n := min(len(words), maxGivenWords); n > 0; n-- {
		var text strings.Builder
		for i, word := range words[:n] {
			if i > 0 {
				text.WriteString(" " + word.before)
			}
			text.WriteString(word.core)
			if i < n-1 {
				text.WriteString(word.after)
			}
		}
		if text.Len() > 0 && given(strings.ToLower(text.String())) {
			return n
		}
	}
	return 0
}

var (
	shortNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{1,5}$`) })
	contactID   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{24}$`) })
)

// safeWord reports whether a word, or each part of a name that is made of several, says nothing about anybody.
func safeWord(word string) bool {
	word = strings.ToLower(strings.ReplaceAll(word, "’", "'"))
	if word == "" || safeWords()[word] || contactID().MatchString(word) {
		return true
	}
	numbers := 0
	for part := range partsOf(word) {
		if shortNumber().MatchString(part) {
			numbers++
		} else if !safeWords()[part] && !contactID().MatchString(part) {
			return false
		}
	}
	return numbers <= 1 && !strings.Contains(word, "..")
}

// partsOf are the parts of a name that is made of several.
func partsOf(word string) iter.Seq[string] {
	return strings.FieldsFuncSeq(word, func(r rune) bool { return strings.ContainsRune("_-=./", r) })
}

// hasDigit reports whether a word holds a number, and not only an id.
func hasDigit(word string) bool {
	for part := range partsOf(word) {
		if strings.ContainsAny(part, "0123456789") && !contactID().MatchString(part) {
			return true
		}
	}
	return false
}

// besideNumber reports whether the word at i may be a piece of a number that is written with blanks.
func besideNumber(words []messageWord, i int) bool {
	return i > 0 && hasDigit(words[i-1].core) || i+1 < len(words) && hasDigit(words[i+1].core)
}

// The forms of codes and of ids of requests.
var (
	codePattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([a-z]+\d?[a-z]*([_.-][a-z]+\d?[a-z]*)*|\d{1,6})$`)
	})
	requestIDPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._:-]+$`) })
)

// Codes and ids of requests are no longer, in bytes.
const (
	maxCode      = 64
	maxRequestID = 128
)

// safeRequestID is Intercom's id of a request, or "" for what has not the form of one.
func safeRequestID(id string) string {
	if len(id) > maxRequestID || !requestIDPattern().MatchString(id) {
		return ""
	}
	return id
}

// safeCode is a code of Intercom's, or "" for what has not the form of one.
func safeCode(code string) string {
	if len(code) > maxCode || !codePattern().MatchString(code) {
		return ""
	}
	return code
}

// MessageFor is Message with what the caller gave, in lower case; see [SafeText]. Of a tag in use it names the
// segments, as a tool that lists them does.
func (e *Error) MessageFor(given func(text string) bool) string {
	if e.said == "" {
		return e.Message
	}
	const inUse = "Unable to delete Tag with dependent objects. Segments: "
	if e.Code == "tag_has_dependent_objects" && strings.HasPrefix(e.said, inUse) {
		return e.said
	}
	return tellable(e.said, e.Message, given)
}

// tellable is what may be told of a message, or instead where nothing of it may be.
func tellable(message, instead string, given func(text string) bool) string {
	text := SafeText(message, given)
	if strings.Trim(text, punctuation+elided+" ") == "" {
		return instead
	}
	return text
}
