package generate

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// referring has fields whose objects another tool describes.
type referring struct {
	// conditions
	Where []filter `json:"where,omitempty" jsonschema:"maxItems=15" brief:"as in find_things"`
	// what to write
	Set *changes `json:"set,omitempty" brief:"as in write_thing"`
	// described here
	Others []filter `json:"others,omitempty"`
}

func TestBrief(t *testing.T) {
	doc, err := LoadComments(".")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Brief(reflect.TypeFor[referring](), doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jsonschema.CompileString("referring.json", string(got)); err != nil {
		t.Error(err)
	}
	compareGolden(t, filepath.Join("testdata", "referring.brief.json"), got)
	if got, err := Brief(reflect.TypeFor[filter](), doc); got != nil || err != nil {
		t.Errorf("without the tag: %s, %v", got, err)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[badReference](), reflect.TypeFor[recursive]()} {
		if _, err := Brief(of, doc); err == nil {
			t.Errorf("%v has a short form", of)
		}
	}
	if _, err := Brief(reflect.TypeFor[badReference](), doc); !strings.Contains(err.Error(), "limit: only objects") {
		t.Error(err)
	}
}

// badReference has the tag on what is no object.
type badReference struct {
	// rows
	Limit int `json:"limit" brief:"as in find_things"`
}
