package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pasted are tokens as people paste them, and what is said of them; "" is that they are good.
var pasted = map[string]string{
	"dG9rOmFi_-=":                       "",
	"dG9rOmFi_-=\n":                     "",
	" dG9rOmFi_-= \r\n":                 "",
	"\u00a0dG9rOmFi_-=\t":               "",
	`"dG9rOmFi_-="`:                     "quotes",
	"'dG9rOmFi_-='":                     "quotes",
	"“dG9rOmFi_-=”":                     "quotes",
	"dG9rOmFi_-=\"":                     "quotes",
	"Bearer ":                           `"Bearer"`,
	`dG9rOmFi_-=\n`:                     `backslash`,
	"Bearer dG9rOmFi_-=":                `"Bearer "`,
	"bearer dG9rOmFi_-=":                `"bearer "`,
	"Authorization: Bearer dG9":         `"Authorization:"`,
	"INTERCOM_ACCESS_TOKEN=dG9rOmFi_-=": `"INTERCOM_ACCESS_TOKEN="`,
	"${INTERCOM_ACCESS_TOKEN}":          "placeholder",
	"${input:intercom}":                 "placeholder",
	"$INTERCOM_ACCESS_TOKEN":            "placeholder",
	"%INTERCOM_ACCESS_TOKEN%":           "placeholder",
	"<token>":                           "placeholder",
	"your token":                        "placeholder",
	"your-token":                        "placeholder",
	"YOUR_ACCESS_TOKEN_HERE":            "placeholder",
	"dG9rOm…":                           "cut off",
	"dG9rOm...":                         "cut off",
	"dG9r\u200bOmFi_-=":                 "U+200B",
	"\ufeffdG9rOmFi_-=":                 "U+FEFF",
	"dG9r OmFi_-=":                      "white space (U+0020)",
	"dG9r\nOmFi_-=":                     "white space (U+000A)",
	"dG9rОmFi_-=":                       "U+041E", // Cyrillic
	"dG9r\x07OmFi_-=":                   "U+0007",
}

// A token is trimmed, and what is none is named for what it is before anything is sent, whether it stands in a variable
// or in a file; it is not repeated.
func TestTokensAsPeoplePasteThem(t *testing.T) {
	for text, want := range pasted {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for what, flags := range map[string]workspaceFlags{"variable": {Token: text}, "file": {TokenFile: path}} {
			wanted := want
			if what == "file" && strings.HasPrefix(text, "\ufeff") {
				wanted = "" // which is how some editors begin a file
			}
			token, err := flags.accessToken()
			switch {
			case wanted == "" && (err != nil || token != "dG9rOmFi_-="):
				t.Errorf("%s %q: %q, %v", what, text, token, err)
			case wanted != "" && (err == nil || !strings.Contains(err.Error(), wanted) || strings.Contains(err.Error(), "dG9r")):
				t.Errorf("%s %q: %v, want it to say %s", what, text, err, wanted)
			}
		}
	}
}

// A file in UTF-16, as PowerShell writes one, is named.
func TestTokenFilesInUTF16(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("\xff\xfed\x00G\x009\x00\r\x00\n\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (workspaceFlags{TokenFile: path}).accessToken(); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("got %v", err)
	}
}
