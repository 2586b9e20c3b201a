package text

import "testing"

// TestDeceptive tells names that only look like others from those of one language.
func TestDeceptive(t *testing.T) {
	for text, want := range map[string]bool{
		"":                      false,
		"Ann O'Neill 3rd":       false,
		"José Müller":           false,
		"李明":                    false,
		"李明 (Ming Li)":          false,
		"山田たろう (Yamada)":        false,
		"김민준 Kim":               false,
		"Иван Петров":           false,
		"Γιώργος":               false,
		"שרה לוי":               false,
		"Аnn Lee":               true, // Cyrillic А
		"сосо":                  true, // all Cyrillic, and looks Latin
		"pаypal.com":            true,
		"ann@exаmple.com":       true,
		"Ming 明 Ми":             true,
		"ΑΒΕ":                   true, // Greek capitals
		"сосо 5%":               true, // a plain letter looks like no other
		"x1@例え.example":         false,
		"Zoe\u0308 Nu\u0301ñez": false,
	} {
		if got := Deceptive(text); got != want {
			t.Errorf("Deceptive(%q) is %v, lookalike %q, skeleton %q", text, got, Lookalike(text), Skeleton(text))
		}
	}
	if Skeleton("Аnn") != Skeleton("Ann") || Skeleton("Ann") == Skeleton("Anna") {
		t.Error("skeletons do not tell what looks the same")
	}
}

// TestLookalike names the letters that mislead.
func TestLookalike(t *testing.T) {
	for text, want := range map[string]string{
		"José Müller":      "",
		"Иван Петров":      "",
		"ann@аcme.example": "mixes Latin and Cyrillic: U+0430",
		"VIР":              "mixes Latin and Cyrillic: U+0420",
		"Vі":               "mixes Latin and Cyrillic: U+0456",
		"Иван a":           "mixes Cyrillic and Latin: U+0061",
		"сосо":             "Cyrillic that looks Latin: U+0441, U+043E",
		"Ming 明 Ми":        "mixes Latin, Cyrillic and Han: U+041C, U+0438, U+660E",
		"Latin абвгд":      "mixes Latin and Cyrillic: U+0430, U+0431, U+0432, …",
	} {
		if got := Lookalike(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestIsolate keeps right-to-left letters from reordering what follows them.
func TestIsolate(t *testing.T) {
	for text, want := range map[string]string{
		"Ann":       `"Ann"`,
		"שרה":       "\"\u2068שרה\u2069\"",
		"a ٣ b":     "\"\u2068a ٣ b\u2069\"",
		"שרה \"x\"": "\"\u2068שרה 'x'\u2069\"",
	} {
		if got := Quote(text); got != want {
			t.Errorf("%q is quoted as %q, want %q", text, got, want)
		}
	}
	if got := Unquote(Quote("שרה")); got != "שרה" {
		t.Errorf("unquoted: %q", got)
	}
	if got, want := QuoteField("email", "שרה@example.com"), "\"\u2068שרה@example.com\u2069\""; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Reveal("שרה\u202e", 100); got != "\"\u2068שרה<U+202E>\u2069\"" {
		t.Errorf("revealed: %q", got)
	}
	if got := Clip(Quote("שרה לוי")+" rest", 6); got != "\"\u2068שר…\u2069" {
		t.Errorf("clipped: %q", got)
	}
}
