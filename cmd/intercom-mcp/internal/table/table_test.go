package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

// TestRead reads what spreadsheets write.
func TestRead(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("Name\tPlan\nZoë\tpro\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text string
		want [][]string // header and rows
	}{
		"commas":              {"Name,Plan\nAnn,pro\n", [][]string{{"Name", "Plan"}, {"Ann", "pro"}}},
		"semicolons":          {"Name;\"a;b,c,d\"\r\nAnn;1,5\r\n", [][]string{{"Name", "a;b,c,d"}, {"Ann", "1,5"}}},
		"tabs":                {"Name\tPlan\nAnn\tpro", [][]string{{"Name", "Plan"}, {"Ann", "pro"}}},
		"a byte order mark":   {"\ufeffName,Plan\nAnn,pro\n", [][]string{{"Name", "Plan"}, {"Ann", "pro"}}},
		"UTF-16":              {utf16, [][]string{{"Name", "Plan"}, {"Zoë", "pro"}}},
		"quoted line breaks":  {"Name,Plan\n\"A\nB\",\"x \"\"y\"\"\"\n", [][]string{{"Name", "Plan"}, {"A\nB", `x "y"`}}},
		"empty rows":          {"Name,Plan\n,\nAnn,pro\n ,\n", [][]string{{"Name", "Plan"}, {"Ann", "pro"}}},
		"one column":          {"email\na@b.example\n", [][]string{{"email"}, {"a@b.example"}}},
		"a guarded cell":      {"phone\n'+3531\n", [][]string{{"phone"}, {"+3531"}}},
		"a cell that has a '": {"name\n'tis\n", [][]string{{"name"}, {"'tis"}}},
		"a header alone":      {"name,email\n", [][]string{{"name", "email"}}},
		"a separator named":   {"sep=|\nName|\"a,b,c\"\nAnn|1,5\n", [][]string{{"Name", "a,b,c"}, {"Ann", "1,5"}}},
		"a separator in quotes": {"\ufeff\"sep=;\"\r\nName;Plan\r\nAnn;pro\r\n",
			[][]string{{"Name", "Plan"}, {"Ann", "pro"}}},
		"a column named sep":   {"sep=,Plan\nAnn,pro\n", [][]string{{"sep=", "Plan"}, {"Ann", "pro"}}},
		"returns in a title":   {"\"Full\rname\",Plan\r\nAnn,pro\r\n", [][]string{{"Full\rname", "Plan"}, {"Ann", "pro"}}},
		"blanks in the header": {" name , email\na,b\n", [][]string{{"name", "email"}, {"a", "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(strings.NewReader(test.text), 10)
			if err != nil {
				t.Fatal(err)
			}
			rows := [][]string{got.Header}
			for _, row := range got.Rows {
				rows = append(rows, row.Cells)
			}
			if !slices.EqualFunc(rows, test.want, slices.Equal) || len(got.Bad) > 0 {
				t.Errorf("%q, %v", rows, got.Bad)
			}
		})
	}
}

// TestReadRefuses refuses what is no table, and names the line.
func TestReadRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                     {"", "the file is empty"},
		"a mark alone":                {"\ufeff", "the file is empty"},
		"an empty header":             {",,\na,b,c\n", "the header is empty"},
		"another encoding":            {"name\nJos\xe9\n", `line 2 is not UTF-8; save the table as "CSV UTF-8"`},
		"lines of an old Mac":         {"name,plan\rA,pro\r", `its lines end in carriage returns alone; save the table as "CSV UTF-8"`},
		"such, and a break in a cell": {"name,plan\rA,\"pro\n\"\r", "its lines end in carriage returns alone"},
		"a header of an old Mac":      {"name,plan\r", "its lines end in carriage returns alone"},
		"a separator alone":           {"sep=;\n", "the file is empty"},
		"JSON":                        {" {\"email\":\"a@b.example\"}\n", "it is JSON; export it as CSV"},
		"JSON in a list":              {"[{\"email\":1}]", "it is JSON; export it as CSV"},
		"a workbook":                  {"PK\x03\x04\x14\x00", `it is a workbook such as .xlsx`},
		"an older workbook":           {"\xd0\xcf\x11\xe0\xa1", `it is a workbook such as .xlsx`},
		"NUL, with what to do":        {"name\nA\x00B\n", `save the table as "CSV UTF-8"`},
		"a stray quote, after sep":    {"sep=;\nname\nA\"B\n", "line 3: a \""},
		"NUL":                         {"name\nA\x00B\n", "line 2 has a NUL"},
		"UTF-16 unmarked":             {"n\x00a\x00\n\x00", "line 1 has a NUL"},
		"too many rows":               {"name\n" + strings.Repeat("a\n", 11), "more than 10 rows"},
		"too many columns":            {strings.Repeat("a,", maxColumns) + "a\n", "201 columns"},
		"a stray quote":               {"name\nA\"B\n", "line 2: a \""},
		"an unclosed quote":           {"name\n\"A\nB\n", "is not closed; the row begins in line 2"},
		"a row for a header":          {strings.Repeat("long ", 60) + "\n", "a row without a header?"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(strings.NewReader(test.text), 10); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestReadBadRows names the rows that cannot be read by their lines, and reads the others.
func TestReadBadRows(t *testing.T) {
	long := strings.Repeat("x", maxCell+1)
	got, err := Read(strings.NewReader("name,plan\n\"A\nB\",pro\nC\nD,\""+long+"\"\nE,free,more\nF,pro\n"), 10)
	if err != nil {
		t.Fatal(err)
	}
	var bad []string
	for _, problem := range got.Bad {
		bad = append(bad, fmt.Sprintf("%d: %s", problem.Line, problem.Text))
	}
	want := []string{"4: the row has 1 cells, the header 2",
		fmt.Sprintf("5: column \"plan\": the cell has %d bytes, the limit is %d", maxCell+1, maxCell),
		"6: the row has 3 cells, the header 2"}
	if !slices.Equal(bad, want) || len(got.Rows) != 2 || got.Rows[1].Line != 7 {
		t.Errorf("%q %v", bad, got.Rows)
	}
}

// TestReadNamedSeparator counts the line that names the separator.
func TestReadNamedSeparator(t *testing.T) {
	got, err := Read(strings.NewReader("sep=;\nname;plan\nA;pro\nB\n"), 10)
	if err != nil || got.Rows[0].Line != 3 || got.Bad[0].Line != 4 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRoundTrip writes tables and reads them back as they were, whatever a cell begins with.
func TestRoundTrip(t *testing.T) {
	for _, cell := range []string{"plain", "+353 1 555", "=1+1", "-5", "@x", "\tx", "'=x", "''=x", "'tis", "'", "''",
		" a ",
		"a\nb", `say "x"`, "a,b;c", "0012"} {
		var out strings.Builder
		w, err := NewCSV(&out, []string{"n", "cell"}, false)
		if err == nil {
			err = w.WriteRow([]any{json.Number("1"), cell})
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Read(strings.NewReader(out.String()), 10); err != nil || got.Rows[0].Cells[1] != cell {
			t.Errorf("%q comes back as %v, %v", cell, got, err)
		}
		raw := out.String()[strings.Index(out.String(), "1,")+2:]
		if strings.ContainsAny(strings.TrimPrefix(raw, `"`)[:1], formulas) {
			t.Errorf("%q is a formula in %q", cell, out.String())
		}
	}
	for _, list := range [][]string{nil, {"a"}, {"a", "b, c", `"d"`}, {" x", "y"}} {
		back, err := splitList(joinList(list))
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
			back[i] = strings.TrimSpace(back[i])
		}
		if err != nil || !slices.Equal(back, list) {
			t.Errorf("%q comes back as %q, %v", list, back, err)
		}
	}
}

// TestJSONL writes a row as an object of what it has.
func TestJSONL(t *testing.T) {
	var out strings.Builder
	w := NewJSONL(&out, []string{"name", "n", "tags", "none"})
	if err := w.WriteRow([]any{"name", json.Number("1"), []string{"a<b"}, nil}); err != nil {
		t.Fatal(err)
	}
	if want := `{"name":"name","n":1,"tags":["a<b"]}` + "\n"; out.String() != want {
		t.Errorf("%s, want %s", out.String(), want)
	}
}

// FuzzRead reads anything without a panic, and what it reads has as many cells as its header.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeffa;b\n\"1\n\";2\n", "\xff\xfea\x00\n\x00", "a\n\"", "a\n'=1\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read(strings.NewReader(text), 100)
		if err != nil {
			return
		}
		for _, row := range got.Rows {
			if len(row.Cells) != len(got.Header) || row.Line < 2 {
				t.Errorf("%v of %v", row, got.Header)
			}
		}
	})
}

// splitList reads what [joinList] writes, and lists with blanks after the commas.
func splitList(cell string) ([]string, error) {
	if strings.TrimSpace(cell) == "" {
		return nil, nil
	}
	r := csv.NewReader(strings.NewReader(cell))
	r.TrimLeadingSpace = true
	return r.Read()
}
