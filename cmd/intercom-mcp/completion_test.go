package main

import (
	"slices"
	"strings"
	"testing"
)

// TestComplete proposes commands, flags, their values, tools and pages.
func TestComplete(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"ca":                              {"call"},
		"call search_c":                   {"search_contacts"},
		"call search_contacts --reg":      {"--region"},
		"call search_contacts --region ":  {"us", "eu", "au"},
		"call search_contacts --region e": {"eu"},
		"call search_contacts --region=e": {"--region=eu"},
		"--region e":                      {"export"}, // not a flag of the program itself
		"call get_contact --mode ":        {"read", "write", "full"},
		"audit list --since 24h --ki":     {"--kind"},
		"tools get_com":                   {"get_company"},
		"sessions ":                       {"list", "end"},
		"sessions end --per":              {"--person"},
		"policy explain update_contact ":  nil,
		"policy explain add_":             {"add_note"},
		"docs sign-in-k":                  {"sign-in-keycloak"},
		"completion ":                     {"bash", "zsh", "fish"},
		"nothing ":                        nil,
		"compl":                           {"completion"},
		"he":                              {"help"},
		"help call search_c":              {"search_contacts"},
		"call get_contact --region = e":   {"eu"}, // as bash splits --region=e
		"import x.csv --match =":          {"email", "external_id", "id"},
	} {
		args := append([]string{"complete", "--"}, strings.Split(line, " ")...)
		code, stdout, stderr := output(t, args...)
		var got []string
		for found := range strings.Lines(stdout) {
			word, _, _ := strings.Cut(strings.TrimSpace(found), "\t")
			got = append(got, word)
		}
		if code != exitOK || !slices.Equal(got, want) {
			t.Errorf("%q: exit code %d: %q, want %q: %s", line, code, got, want, stderr)
		}
	}
}
