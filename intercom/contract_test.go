package intercom_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
)

func allMethods() []method {
	return slices.Concat(contactMethods, relationMethods, companyMethods, otherMethods, bulkMethods)
}

// Every method of the client is called by the tests of the contract.
func TestContractCallsEveryMethod(t *testing.T) {
	want, got := make(map[string]bool), make(map[string]bool)
	for _, m := range allMethods() {
		got[m.name] = true
	}
	client := reflect.TypeFor[intercom.Client]()
	for i := range client.NumField() {
		for j := 0; client.Field(i).IsExported() && j < client.Field(i).Type.NumMethod(); j++ {
			want[client.Field(i).Name+"."+client.Field(i).Type.Method(j).Name] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods not called (-), methods that are none (+):\n%s", diff)
	}
}

// TestContract holds client and sandbox to Intercom's OpenAPI descriptions:
// all that the client sends and the sandbox answers is as they say, but for
// the listed exceptions, each of which is needed; and all that they describe,
// errors included, has been seen.
func TestContract(t *testing.T) {
	t.Parallel()
	descriptions := loadDescriptions(t)
	exceptions := loadExceptions(t)
	exchanged := exerciseMethods(t)
	for version, d := range descriptions {
		t.Run(version, func(t *testing.T) {
			seen, examples := newChecker(d), newChecker(d)
			examples.examples()
			for _, e := range slices.Concat(exchanged, exercisePlainly(t, d)) {
				if e.version() == version {
					seen.exchange(t, e)
				}
			}
			exceptions.compare(t, seen, examples)
			exceptions.compareCoverage(t, seen)
		})
	}
}

// exerciseMethods calls every method of the client in both versions, and
// returns what was exchanged. A client of 2.16 sends some requests as Preview.
func exerciseMethods(t *testing.T) []exchange {
	t.Helper()
	var all []exchange
	for version := range intercom.DescriptionFiles {
		for _, m := range allMethods() {
			s := newStage(t, version)
			if err := m.call(s); err != nil {
				t.Errorf("%s in %s: %v", m.name, version, err)
			}
			all = append(all, s.kept...)
		}
	}
	return all
}

// exercisePlainly makes the requests that the client does not, in one version.
func exercisePlainly(t *testing.T, d *description) []exchange {
	t.Helper()
	var all []exchange
	for _, p := range slices.Concat(plainRequests, bulkRequests(), refusedRequests, refusedSearches()) {
		if p.version != "" && p.version != d.version {
			continue
		}
		s := newStage(t, d.version)
		if got := p.send(s, d.version); got != p.want {
			t.Errorf("%s: %s, want %s", strings.Join(p.requests, "\n"), got, p.want)
		}
		all = append(all, s.kept...)
	}
	all = append(all, withTooManyCompanies(t, d.version)...)
	return append(all, refusedEverywhere(t, d)...)
}

// exchange checks a request and its answer. A request that was refused may be
// as wrong as it likes.
func (c *checker) exchange(t *testing.T, e exchange) {
	t.Helper()
	operation, values, err := c.find(e.request)
	if err != nil {
		t.Error(err)
		return
	}
	if e.status < 400 {
		c.request(e, operation, values)
	}
	c.response(e, operation)
	c.saw(operation.OperationID, e.status, e.answer)
}

// withTooManyCompanies attaches a contact to one company more than it may
// have.
func withTooManyCompanies(t *testing.T, version string) []exchange {
	t.Helper()
	s := newStage(t, version)
	update := intercom.BulkContact{ID: s.user()}
	for i := len(s.anyone("user").CompanyIDs); i < 1000; i++ {
		update.Companies = append(update.Companies, intercom.BulkCompany{CompanyID: fmt.Sprint("many-", i)})
	}
	job, err := s.c.Bulk.Update(t.Context(), []intercom.BulkContact{update})
	if err := s.finished(job, err); err != nil {
		t.Fatal(err)
	}
	attach := plain{requests: []string{`POST /contacts/{user}/companies {"id":"` + s.alien() + `"}`}}
	if got := attach.send(s, version); got != "400 contact_company_limit_exceeded" {
		t.Errorf("one company too many: %s", got)
	}
	return s.kept
}
