package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"sync"
)

// refuseWorkbook refuses a spreadsheet in a format of its own: .xlsx and .ods, which are ZIP archives, or .xls.
func refuseWorkbook(in *bufio.Reader) error {
	head, _ := in.Peek(4) // whose error the next read returns
	if string(head) == zipped || string(head) == "\xd0\xcf\x11\xe0" {
		return errors.New("it is a workbook such as .xlsx, or another archive; save the table as \"CSV UTF-8\"")
	}
	return nil
}

// namedSeparator is a first line that names the separator, as spreadsheets read and write it.
var namedSeparator = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:"sep=([,;|\t])"|sep=([,;|\t]))\r?\n`)
})

// separatorOf finds what separates the columns: what the first line names, which is then passed over, or of comma,
// semicolon and tab the one that the header has most of, outside quotes. before is how many lines are passed over.
func separatorOf(in *bufio.Reader) (separator rune, before int, err error) {
	head, err := in.Peek(in.Size())
	if len(head) == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			return 0, 0, errors.New("the file is empty")
		}
		return 0, 0, err
	}
	if named := namedSeparator().FindSubmatch(head); named != nil {
		_, err := in.Discard(len(named[0]))
		return rune(append(named[1], named[2]...)[0]), 1, err
	}
	if text := bytes.TrimSpace(head); bytes.HasPrefix(text, []byte(`{"`)) || bytes.HasPrefix(text, []byte(`[{`)) {
		return 0, 0, errors.New("it is JSON; export it as CSV")
	}
	separator, err = mostFrequent(head)
	return separator, 0, err
}

// mostFrequent is the separator that the header has most of.
func mostFrequent(head []byte) (rune, error) {
	count := make(map[byte]int)
	quoted := false
header:
	for i, b := range head {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\r' && (i+1 == len(head) || head[i+1] != '\n'):
			return 0, errors.New("its lines end in carriage returns alone; save the table as \"CSV UTF-8\"")
		case b == '\n':
			break header
		default:
			count[b]++
		}
	}
	best := byte(',')
	for _, b := range []byte{';', '\t'} {
		if count[b] > count[best] {
			best = b
		}
	}
	return rune(best), nil
}
