package intercom

import (
	"html"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestUnescape undoes the escaping of a whole text, once.
func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{
		"Phone &amp; SMS": "Phone & SMS", "R&amp;amp;D": "R&amp;D", "&lt;b&gt;&quot;x&#39; &#x2F;": `<b>"x' /`,
		"&#8238;x&nbsp;y": "\u202ex\u00a0y", "&eacute;&NotEqualTilde;": "é\u2242\u0338",
		"": "", "R&D": "R&D", "AT&T &amp; co": "AT&T &amp; co", "a & b; c": "a & b; c", "<p>R&amp;D</p>": "<p>R&amp;D</p>",
		"&nosuch;": "&nosuch;", "&ampx;": "&ampx;", "&copy=1": "&copy=1", "&": "&", "&;": "&;", "&#;": "&#;", "a;b": "a;b",
		"https://a.example/?x=1&copy=2":     "https://a.example/?x=1&copy=2",
		"https://a.example/?x=1&amp;copy=2": "https://a.example/?x=1&copy=2",
	} {
		if got := Unescape(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// FuzzUnescape brings back whatever was escaped, and adds nothing to what was not.
func FuzzUnescape(f *testing.F) {
	for _, seed := range []string{"Tom & Jerry", "&amp;", "<b>", "&#8238;", "a&b;c", "&ampx;", "\"'", "\xff&"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := Unescape(html.EscapeString(text)); got != text {
			t.Fatalf("%q comes back as %q", text, got)
		}
		got := Unescape(text)
		if utf8.ValidString(text) && !utf8.ValidString(got) || len(got) > len(text) {
			t.Fatalf("%q becomes %q", text, got)
		}
		if got != text && strings.ContainsAny(text, "<") {
			t.Fatalf("%q was not escaped, and becomes %q", text, got)
		}
	})
}

// TestGiven keeps what Intercom gave of a text that it escaped, and leaves HTML as it is.
func TestGiven(t *testing.T) {
	var contact contactWire
	body := `{"id":"c1","role":"user","browser":"C &amp; D","browser":"E","name":"R&amp;D","email":"o&#39;neil@x.example",
		"avatar":{"image_url":"https://x/?a&amp;b"},
		"custom_attributes":{"a &amp; b":"&lt;x&gt;","plain":"R&D"},"location":{"city":"A &amp; B"}}`
	if _, err := decodeAnswer([]byte(body), &contact, false, false); err != nil {
		t.Fatal(err)
	}
	c, _ := contact.model()
	if c.Name != "R&D" || c.Email != "o'neil@x.example" || c.Avatar != "https://x/?a&b" || c.Location.City != "A & B" ||
		c.CustomAttributes["a & b"] != "<x>" || c.CustomAttributes["plain"] != "R&D" {
		t.Errorf("%+v", c)
	}
	if c.Given["name"] != "R&amp;D" || c.Given["custom_attributes.a & b"] != "&lt;x&gt;" ||
		c.Given["custom_attributes.plain"] != "" || c.Given["browser"] != "" {
		t.Errorf("%+v", c.Given)
	}
	var note noteWire
	if _, err := decodeAnswer([]byte(`{"id":"1","body":"R&amp;D &lt;b&gt;"}`), &note, false, false); err != nil {
		t.Fatal(err)
	}
	if n, _ := note.model(); n.Body != "R&amp;D &lt;b&gt;" {
		t.Error(n.Body)
	}
	var company companyWire
	body = `{"id":"c1","company_id":"a&amp;b","name":"A","plan":{"name":"R&amp;D"},
		"tags":{"tags":[{"id":"1","name":"R&amp;D"}]}}`
	if _, err := decodeAnswer([]byte(body), &company, false, false); err != nil {
		t.Fatal(err)
	}
	if c, _ := company.model(); c.CompanyID != "a&b" || c.Plan != "R&D" || c.Tags[0].Name != "R&D" ||
		len(c.Given) != 1 || c.Given["plan.name"] != "R&amp;D" {
		t.Errorf("%+v", c)
	}
}
