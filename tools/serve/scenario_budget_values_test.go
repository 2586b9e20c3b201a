package serve

import (
	"fmt"
	"testing"

	"github.com/tiktoken-go/tokenizer"
)

// TestBudgetsOfLongValues holds what a preview may cost where it has room to show much of what was given, in whatever
// letters.
func TestBudgetsOfLongValues(t *testing.T) {
	t.Parallel()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	w := newCrowded(t)
	var attributes []string
	for i := range 3 {
		attributes = append(attributes, fmt.Sprint("free", i))
		w.sandbox.AddAttribute("contact", attributes[i], "string")
	}
	mixed := func(n int, letters string) string { // in no order that a tokenizer has seen
		runes, out := []rune(letters), make([]rune, n)
		for i := range out {
			out[i] = runes[(i*i*7+i*31+i/7)%len(runes)]
		}
		return string(out)
	}
	for what, letters := range map[string]string{
		"words":  "the quick brown fox jumps over the lazy dog ",
		"base64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
		"signs":  "~}|{^]$#@!%&*()_+=;:?,x9Q<>", "alphabets": "аГжЩשלםتضغΩβψщЪ", "ideographs": "鬱龜鬣驫麤齉", "emoji": "🚀🧬🪼🫠🧿",
	} {
		var updates []map[string]any
		for i, id := range w.users[240:250] {
			custom := make(map[string]any)
			for _, name := range attributes {
				custom[name] = mixed(250, letters)
			}
			updates = append(updates, map[string]any{"contact": id, "set": map[string]any{
				"name": mixed(200, letters), "external_id": mixed(200, letters) + fmt.Sprint(i), "custom_attributes": custom,
				"avatar": "https://example.com/" + mixed(900, "abcdefghijklmnopqrstuvwxyz0123456789"),
			}})
		}
		for _, n := range []int{1, 3, 10} {
			asked := w.call("bulk_update_contacts", map[string]any{"updates": updates[:n]}, true)
			if asked.Ask == nil {
				t.Fatal(asked.Err)
			}
			tokens, err := codec.Count(asked.Ask.Message)
			t.Logf("preview of %d contacts, %s: %d", n, what, tokens)
			if err != nil || tokens > 1_200 {
				t.Errorf("%d tokens, at most 1,200\n%s", tokens, asked.Ask.Message)
			}
		}
	}
}
