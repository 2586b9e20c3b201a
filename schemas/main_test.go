package schemas

import (
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// probe is a library of one tool, "probe", with the given schemas.
func probe(input, output string) *library {
	return &library{files: fstest.MapFS{
		"probe.input.json":  {Data: []byte(input)},
		"probe.output.json": {Data: []byte(output)},
	}}
}
