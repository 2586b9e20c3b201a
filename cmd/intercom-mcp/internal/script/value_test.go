package script

import "testing"

// TestLookUp follows paths to a value, or to the part of the path that the answer lacks.
func TestLookUp(t *testing.T) {
	tree, err := decodeTree([]byte(`{"rows": [["1", "VIP"]], "contact": {"name": "Ann"}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ path, value, err string }{
		{path: "rows[0][1]", value: "VIP"},
		{path: "contact.name", value: "Ann"},
		{path: "rows[1]", err: "the answer has no rows[1]"},
		{path: "rows[0].name", err: "the answer has no rows[0].name"},
		{path: "contact[0]", err: "the answer has no contact[0]"},
		{path: "contact.email.domain", err: "the answer has no contact.email"},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			if !valuePath().MatchString(test.path) {
				t.Fatal("refused as a path")
			}
			value, err := lookUp(tree, test.path)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("error = %v, want %s", err, test.err)
				}
			} else if value != test.value {
				t.Errorf("value = %v (%v), want %s", value, err, test.value)
			}
		})
	}
}
