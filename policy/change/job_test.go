package change

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWithJob adds a job, or the answer to the last one of the same items that has none; what was given stays.
func TestWithJob(t *testing.T) {
	sent, others, taken := Job{Items: "0-9"}, Job{Items: "10"}, Job{Items: "0-9", ID: "j"}
	refused := Job{Items: "0-9", Refused: true}
	for name, test := range map[string]struct {
		jobs []Job
		job  Job
		want []Job
	}{
		"the first":          {nil, sent, []Job{sent}},
		"another":            {[]Job{sent}, others, []Job{sent, others}},
		"the same again":     {[]Job{sent}, sent, []Job{sent, sent}},
		"after an answer":    {[]Job{taken}, sent, []Job{taken, sent}},
		"an answer":          {[]Job{sent, others}, taken, []Job{taken, others}},
		"a refusal":          {[]Job{sent, others}, refused, []Job{refused, others}},
		"an answer to twice": {[]Job{sent, sent}, taken, []Job{sent, taken}},
		"two answers":        {[]Job{sent, refused}, taken, []Job{taken, refused}},
		"an answer to none":  {[]Job{others, refused}, taken, []Job{others, refused, taken}},
	} {
		given := append([]Job{}, test.jobs...)
		if diff := cmp.Diff(test.want, withJob(given, test.job)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(append([]Job{}, test.jobs...), given); diff != "" {
			t.Errorf("%s, what was given (-want +got):\n%s", name, diff)
		}
	}
}
