package sandbox

import "testing"

// TestEscape gives texts escaped, keys, HTML and links as they are.
func TestEscape(t *testing.T) {
	for body, want := range map[string]string{
		`{"name":"R&D <b>","a & b":[1,"'x'",null],"n":1.50}`: `{"name":"R&amp;D &lt;b&gt;","a & b":[1,"&#39;x&#39;",null],"n":1.50}`,
		`{"body":"<p>&amp;</p>","url":"/a?b&c","plain":"x"}`: `{"body":"<p>&amp;</p>","url":"/a?b&c","plain":"x"}`,
		`"&"`: `"&amp;"`,
	} {
		r := reply{body: []byte(body)}
		if r.escape(); string(r.body) != want {
			t.Errorf("%s is %s, want %s", body, r.body, want)
		}
	}
}
