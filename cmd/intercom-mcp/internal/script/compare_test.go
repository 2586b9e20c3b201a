package script

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"
)

// TestCompare compares one answer with many expectations; where one does not hold, the diff shows it.
func TestCompare(t *testing.T) {
	const answer = `{"total": 3, "big": 9007199254740993, "half": 0.5, "name": "Ann Lee", "none": null,
		"rows": [["1", "VIP"], ["2", "Beta"]], "set": {"plan": "pro", "seats": 10}, "ok": true}`
	got, err := decodeTree([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		expect string
		holds  bool
	}{
		{`total: 3`, true},
		{`total: 3.0`, true},
		{`total: "3"`, false},
		{`total: 4`, false},
		{`big: 9007199254740993`, true},
		{`big: 9007199254740992`, false},
		{`half: 0.5`, true},
		{`ok: true`, true},
		{`none: null`, true},
		{`missing: null`, false},
		{`name: Ann Lee`, true},
		{`name: ${who}`, true},
		{`name: Ann ${last}`, true},
		{`total: ${three}`, true},
		{`total: "${three}"`, true},
		{`total: "${three}!"`, false},
		{`set: {plan: pro}`, true},
		{`set: {plan: free}`, false},
		{`set: {owner: x}`, false},
		{`set: pro`, false},
		{`name: {first: Ann}`, false},
		{`rows: [["1", VIP], ["2", Beta]]`, true},
		{`rows: [["1", VIP]]`, false},
		{`rows: [["1", VIP], ["2", Beta], ["3", New]]`, false},
		{`name: [Ann]`, false},
		{`rows: {$contains: ["2", Beta]}`, true},
		{`rows: {$contains: ["2", {$regexp: "^B"}]}`, true},
		{`rows: {$contains: ["3", Beta]}`, false},
		{`name: {$contains: "n L"}`, true},
		{`name: {$contains: "${last}"}`, true},
		{`name: {$contains: "x"}`, false},
		{`total: {$contains: "3"}`, false},
		{`rows: {$size: 2}`, true},
		{`rows: {$size: 3}`, false},
		{`rows: {$size: {$min: 1, $max: 2}}`, true},
		{`name: {$size: 7}`, true},
		{`set: {$size: 2}`, true},
		{`total: {$size: 1}`, false},
		{`total: {$min: 3}`, true},
		{`total: {$min: 3.5}`, false},
		{`total: {$max: 3}`, true},
		{`total: {$max: 2}`, false},
		{`total: {$min: 1, $max: 2}`, false},
		{`name: {$min: 1}`, false},
		{`name: {$regexp: "^Ann .ee$"}`, true},
		{`name: {$regexp: "^ann"}`, false},
		{`total: {$regexp: "^[0-9]+$"}`, true},
		{`ok: {$regexp: "true"}`, false},
		{`name: {$present: true}`, true},
		{`none: {$present: true}`, false},
		{`missing: {$present: true}`, false},
		{`name: {$absent: true}`, false},
		{`none: {$absent: true}`, true},
		{`missing: {$absent: true}`, true},
		{`set: {seats: {$absent: true}}`, false},
	}
	vars := variables{"who": "Ann Lee", "last": "Lee", "three": got.(map[string]any)["total"]}
	for _, test := range tests {
		t.Run(test.expect, func(t *testing.T) {
			file, err := parser.ParseBytes([]byte(test.expect), 0)
			if err != nil {
				t.Fatal(err)
			}
			expected := file.Docs[0].Body
			if err := checkExpectation(expected); err != nil {
				t.Fatal(err)
			}
			err = compare(expected, got, vars)
			if holds := err == nil; holds != test.holds {
				t.Fatalf("holds = %v, want %v: %v", holds, test.holds, err)
			}
			if err != nil && !strings.Contains(err.Error(), "\n-") && !strings.Contains(err.Error(), "\n+") {
				t.Errorf("the diff does not show the difference: %v", err)
			}
		})
	}
}

// TestCompareSaysSize says first how long a list is, and should be.
func TestCompareSaysSize(t *testing.T) {
	for expect, want := range map[string]string{
		`rows: {$size: 3}`:             "1:7: 2 rows, want 3: the answer",
		`set: {tags: {$size: 0}}`:      "1:13: 1 tags, want 0: the answer",
		`rows: {$size: {$min: 3}}`:     `1:7: 2 rows, want {"$min":3}: the answer`,
		`rows: {$size: "${three}"}`:    "1:7: 2 rows, want 3: the answer",
		`{total: 4, rows: {$size: 3}}`: "1:9: the answer",
	} {
		file, err := parser.ParseBytes([]byte(expect), 0)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]any{"rows": []any{"a", "b"}, "total": json.Number("3"), "set": map[string]any{"tags": []any{"x"}}}
		err = compare(file.Docs[0].Body, got, variables{"three": json.Number("3")})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", expect, err, want)
		}
	}
}
