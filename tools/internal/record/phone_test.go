package record

import "testing"

func TestPhone(t *testing.T) {
	for number, want := range map[string]string{
		"":                         "",
		" ":                        "",
		" +32 444 12 34 56 ":       "+32 444 12 34 56",
		"(02) 555.12.34 ext. 5":    "(02) 555.12.34 ext. 5",
		"0444/12.34.56":            "0444/12.34.56",
		"1-800-FLOWERS":            "1-800-FLOWERS",
		"32444123456":              "32444123456",
		"+٣٢٤٤٤":                   "+٣٢٤٤٤",
		"3.2444E+10":               `"3.2444E+10" is a number that a spreadsheet rounded: its last digits are lost. Write the number alone, such as +32444123456.`,
		"3,2444e10":                `"3,2444e10" is a number that a spreadsheet rounded: its last digits are lost. Write the number alone, such as +32444123456.`,
		"32444123456.0":            `"32444123456.0" is a number with a fraction. If that is meant, write "32444123456".`,
		"'+32444123456":            `"'+32444123456" begins as spreadsheets mark a text or a formula. If that is meant, write "+32444123456".`,
		"=+32444123456":            `"=+32444123456" begins as spreadsheets mark a text or a formula. If that is meant, write "+32444123456".`,
		`="+32444123456"`:          `"=\"+32444123456\"" begins as spreadsheets mark a text or a formula. If that is meant, write "+32444123456".`,
		"tel:+32444123456;ext=5":   `"tel:+32444123456;ext=5" is a link. If that is meant, write "+32444123456".`,
		"'tel:+32444123456":        `"'tel:+32444123456" begins as spreadsheets mark a text or a formula. Write the number alone, such as +32444123456.`,
		"\u202a+32444123456\u202c": `"+32444123456" holds characters that cannot be seen. If that is meant, write "+32444123456".`,
		"\U0001F468\u200d\U0001F469 32": "\"\U0001F468\\u200d\U0001F469 32\" holds characters that cannot be seen. Write " +
			"the number alone, such as +32444123456.",
		"n/a":   `"n/a" holds no digit. Write the number alone, such as +32444123456.`,
		"#REF!": `"#REF!" holds no digit. Write the number alone, such as +32444123456.`,
	} {
		got, err := Phone(number)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", number, got, want)
		}
	}
}
