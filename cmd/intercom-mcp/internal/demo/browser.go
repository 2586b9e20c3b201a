package demo

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// browser is a person's, in front of the console. It sends what a browser would, and runs no script.
type browser struct {
	client *http.Client
	site   string // scheme and host
}

// maxPage bounds what is read of a page, in bytes.
const maxPage = 4 << 20

// newBrowser returns a browser in which nobody is signed in.
func newBrowser(site string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{&http.Client{Jar: jar, Timeout: 30 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true}}, site}, nil
}

// open loads a page.
func (b *browser) open(ctx context.Context, address string) (page string, err error) {
	return b.send(ctx, http.MethodGet, address, nil)
}

// submit sends a form, and returns the page that it leads to.
func (b *browser) submit(ctx context.Context, address string, form url.Values) (page string, err error) {
	return b.send(ctx, http.MethodPost, address, form)
}

func (b *browser) send(ctx context.Context, method, address string, form url.Values) (page string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.site)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the console answers %s: %s", answer.Status, strings.Join(linesOf(string(text)), "; "))
	}
	return string(text), nil
}

var hiddenField = pattern(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// pattern compiles a regular expression when it is first needed: every start of the program would wait for it.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// formOf returns the fields that the form of a page for a path has filled in already: its token, and what it is about.
func formOf(page, path string) (url.Values, error) {
	_, form, found := strings.Cut(page, `action="`+path+`"`)
	if !found {
		return nil, fmt.Errorf("the page has no form for %s", path)
	}
	form, _, _ = strings.Cut(form, "</form>")
	fields := make(url.Values)
	for _, field := range hiddenField().FindAllStringSubmatch(form, -1) {
		fields.Set(html.UnescapeString(field[1]), html.UnescapeString(field[2]))
	}
	return fields, nil
}

var (
	// toRead are the parts of a page that tell what it is about: title, sentences above it, facts, and what came of it.
	toRead = pattern(`(?s)<(?:p class="soft">Proposal|h1>|li><b>|p>Approved by).*?</(?:p|h1|li)>`)
	row    = pattern(`(?s)<td [^>]*data-is="(Who|Field|Now|Then)">(.*?)</td>`)
	breaks = strings.NewReplacer("</b>", ": ", "<br>", "; ")
	mark   = pattern(`<[^>]*>`)
)

// linesOf returns what a page is about, as lines of text.
func linesOf(page string) (lines []string) {
	for _, part := range toRead().FindAllString(page, -1) {
		lines = append(lines, strings.TrimSuffix(plain(breaks.Replace(part)), ";"))
	}
	return lines
}

// rowsOf returns the rows of the table of a page, as lines of text.
func rowsOf(page string) (lines []string) {
	var of map[string]string
	for _, cell := range row().FindAllStringSubmatch(page, -1) {
		if cell[1] == "Who" {
			who, _, _ := strings.Cut(cell[2], "<br>") // without the id below
			of = map[string]string{"Who": plain(who)}
			continue
		}
		if of[cell[1]] = plain(cell[2]); cell[1] == "Then" {
			lines = append(lines, fmt.Sprintf("  %s  %s: %s → %s", of["Who"], of["Field"], of["Now"], of["Then"]))
		}
	}
	return lines
}

// plain is the text of a part of a page.
func plain(part string) string {
	return strings.Join(strings.Fields(html.UnescapeString(mark().ReplaceAllString(part, ""))), " ")
}
