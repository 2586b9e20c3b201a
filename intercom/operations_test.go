package intercom

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// operation is a method of a service, and all that the shared tests need to
// know about it. Its ids are i1 and i2 where they stand for good ones.
type operation struct {
	name    string // Service.Method
	request string // method, path and query on the wire
	body    string // "" for none
	class   class
	preview bool
	answer  string // a good one
	ids     int    // how many ids it takes
	call    func(context.Context, *Client, [2]string) error
}

const (
	contactBody = `{"type":"contact","id":"i1"}`
	companyBody = `{"type":"company","id":"i2","company_id":"k"}`
	tagsBody    = `{"type":"list","data":[{"id":"1","name":"t"}]}`
	tagOne      = `{"type":"tag","id":"i2","name":"t"}`
	noteBody    = `{"type":"note","id":"1","body":"<p>b</p>"}`
	jobBody     = `{"id":"i1","type":"contacts.bulk.job","state":"running"}`
	listBody    = `{"type":"list","data":[],"total_count":0,"pages":{"type":"pages","page":1,"total_pages":0}}`
	attribute   = `{"type":"data_attribute","id":1,"name":"n","model":"contact"}`
	subscribed  = `{"type":"subscription","id":"i2"}`
	searchBody  = `{"query":{"field":"name","operator":"=","value":"n"},"pagination":{}}`
)

var byName = SearchRequest{Query: Filter{"name", Equal, "n"}}

// result drops a method's value.
func result[T any](_ T, err error) error { return err }

func operations() []operation {
	return slices.Concat(contactOperations, relationOperations, companyOperations, otherOperations, bulkOperations)
}

func TestOperationsAreComplete(t *testing.T) {
	var want, got []string
	for _, op := range operations() {
		got = append(got, op.name)
	}
	client := reflect.TypeFor[Client]()
	for i := range client.NumField() {
		field := client.Field(i)
		if !field.IsExported() {
			continue
		}
		for j := range field.Type.NumMethod() {
			want = append(want, field.Name+"."+field.Type.Method(j).Name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods that the shared tests lack (-) or name in vain (+):\n%s", diff)
	}
}

// eachOperation runs a test per method, under a virtual clock.
func eachOperation(t *testing.T, test func(*testing.T, operation)) {
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, op) })
		})
	}
}

var goodIDs = [2]string{"i1", "i2"}

func TestOperationsOnTheWire(t *testing.T) {
	eachOperation(t, func(t *testing.T, op operation) {
		c, f := newFake(t, Config{UserAgent: "tester/1"}, always(ok(op.answer)))
		if err := op.call(background, c, goodIDs); err != nil {
			t.Fatal(err)
		}
		got := f.sent()[0]
		request := strings.TrimSuffix(got.Method+" "+got.Path+"?"+got.Query, "?")
		if request != op.request || got.Body != op.body {
			t.Errorf("got  %s %s\nwant %s %s", request, got.Body, op.request, op.body)
		}
		want := map[string]string{
			"Authorization": "Bearer secret-token", "Accept": "application/json",
			"User-Agent": "tester/1", "Intercom-Version": "2.16", "Content-Type": "",
		}
		if op.preview {
			want["Intercom-Version"] = "Preview"
		}
		if op.body != "" {
			want["Content-Type"] = "application/json"
		}
		for name, value := range want {
			if got.Header.Get(name) != value {
				t.Errorf("header %s is %q, want %q", name, got.Header.Get(name), value)
			}
		}
	})
}
