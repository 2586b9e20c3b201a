package render

import (
	"strings"
	"testing"

	"intercom-mcp/schemas/strictjson"
)

// The size that spares a table its encoding is never less than what the encoding has.
func TestTableSize(t *testing.T) {
	total := 1 << 40
	for _, text := range []string{
		"", "plain", `"\` + "\t\x00\x1f\x7f", "é € 𝄞 \u2028", "\xff\xfe", "<&>", strings.Repeat("\x01", 1000),
	} {
		for _, table := range []*Table{
			{Columns: []string{text}},
			{Columns: []string{"id", text}, Rows: [][]string{{text, text}, {}, {"1", text}}, Total: &total,
				NextCursor: text, Note: text},
		} {
			encoded, err := strictjson.Encode(table)
			if err != nil {
				t.Fatal(err)
			}
			if table.size() < len(encoded) {
				t.Errorf("%.20q: %d bytes, and the size is %d", text, len(encoded), table.size())
			}
		}
	}
}
