package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"intercom-mcp/cmd/intercom-mcp/internal/script"
	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// deskBytesBefore is the sum of bytes that a model read to do the desk jobs on commit 127c175: of the answers to
// testdata/desk/before/*.yaml, the calls that the same jobs took there, which run on that commit alone.
const deskBytesBefore = 97_529

// counting counts what a model reads of the answers to the principal's calls; those of others set up and check.
type counting struct {
	tools.Caller
	bytes int
}

func (c *counting) Call(ctx context.Context, call tools.Call) (tools.Result, error) {
	result, err := c.Caller.Call(ctx, call)
	if call.Principal == policy.LocalPrincipal {
		c.bytes += len(result.JSON)
		if result.Err != nil {
			c.bytes += len(result.Err.Error())
		}
	}
	return result, err
}

// TestDesk does each desk job, finds the workspace before and after as it should be, and holds what a model reads for
// all of them to half of what it was.
func TestDesk(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../testdata/desk/*.yaml")
	if err != nil || len(paths) < 16 {
		t.Fatalf("%d jobs: %v", len(paths), err)
	}
	sum := 0
	for _, path := range paths {
		job, err := script.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if job.About == "" {
			t.Errorf("%s has no prompt", path)
		}
		if _, err := os.Stat(filepath.Join("../../testdata/desk/before", filepath.Base(path))); err != nil {
			t.Errorf("%s: what it took before is not told: %v", path, err)
		}
		client, err := intercom.New(sandboxConfig(sandbox.New(sandbox.Options{}), ""))
		if err != nil {
			t.Fatal(err)
		}
		pipeline, err := tools.New(tools.Config{Client: client, Store: change.NewMemory(100),
			Policy: policy.Always(policy.Default(policy.ModeWrite))})
		if err != nil {
			t.Fatal(err)
		}
		agent := &counting{Caller: pipeline}
		var out bytes.Buffer
		report := &script.Report{Out: &out, Style: terminal.Style{}}
		if err := job.Run(t.Context(), agent, policy.LocalPrincipal, report); err != nil {
			t.Error(err)
		}
		if !report.End() {
			t.Errorf("%s:\n%s", path, out.String())
		}
		pipeline.Close(context.Background())
		t.Logf("%-24s %5d bytes", job.Name, agent.bytes)
		sum += agent.bytes
	}
	t.Logf("all: %d bytes, before: %d", sum, deskBytesBefore)
	if sum > deskBytesBefore/2 {
		t.Errorf("the desk jobs take %d bytes, at most half of %d", sum, deskBytesBefore)
	}
}
