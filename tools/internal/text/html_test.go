package text

import "testing"

// TestFromHTML keeps the lines and the lists of notes.
func TestFromHTML(t *testing.T) {
	for markup, want := range map[string]string{
		"<p>one</p><p>two<br>three</p>":                             "one\n\ntwo\nthree",
		"a<br/><br/>b<br>":                                          "a\n\nb",
		"<p>one</p>\n<p><br></p><p></p><ul><li>a</li></ul><p>b</p>": "one\n\n- a\nb",
		"<ul><li>a</li><li>b</li></ul>after":                        "- a\n- b\nafter",
		"<ol><li>a</li>\n<li> <p>b</p> </li></ol>":                  "1. a\n2. b",
		"<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>":          "- a\n  - b\n- c",
		"<h1>Call</h1><div>one\n two</div>":                         "Call\none two",
		"<p>Jean&nbsp;Paul &amp; &lt;b&gt;</p>":                     "Jean\u00a0Paul & <b>",
		"<p>&#8238;x&#x200b;</p><script>alert(1)</script>":          "x",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>":   "a b\nc",
		"</ul></li><li>loose":                                       "- loose",
		"<p>R&amp;amp;D</p>":                                        "R&amp;D",
		"<script/>alert(1)</script><style/>x</style>y":              "y",
		"a<iframe><b>no frames</b></iframe><title>t</title>b":       "ab",
		"<pre><code>if a {\n\tb()\r\n\n}</code></pre>c\nd":          "if a {\nb()\n\n}\nc d",
		"<ul><li><pre>\na\nb</pre></li><li>c</li></ul>":             "- a\nb\n- c",
		"<style>x</style><template><p>x</template>y<!-- hidden -->": "y",
	} {
		if got := FromHTML(markup); got != want {
			t.Errorf("%s is %q, want %q", markup, got, want)
		}
	}
	var c Cleaner
	if c.FromHTML("<p>a&#8238;b</p>"); c.Note() != `hidden characters left out: U+202E in "ab"` {
		t.Error(c.Note())
	}
}

// TestFromPlain takes any end of a line for one.
func TestFromPlain(t *testing.T) {
	for text, want := range map[string]string{
		"a\rb\r\nc\nd":         "<p>a<br>b<br>c<br>d</p>",
		"a\r\rb\r\n\r\nc":      "<p>a</p><p>b</p><p>c</p>",
		"- <i>&amp;\r\n- b\n ": "<p>- &lt;i&gt;&amp;amp;<br>- b</p>",
	} {
		if got := FromPlain(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
