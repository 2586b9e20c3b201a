package text

import "testing"

// TestCapitalise begins texts of any letters with a capital one.
func TestCapitalise(t *testing.T) {
	for text, want := range map[string]string{"": "", "a b": "A b", "é": "É", "Éa": "Éa", "1 a": "1 a", "ß": "ß",
		"日": "日"} {
		if got := Capitalise(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
