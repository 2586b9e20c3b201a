package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// TestWatchAttributes warns of attributes that are not there, as soon as the workspace can be asked, and each time that
// the policy is read again.
func TestWatchAttributes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("masked: [custom_attributes.tire]\n")
	synctest.Test(t, func(t *testing.T) {
		sb := sandbox.New(sandbox.Options{Contacts: 2})
		refused := sandbox.Fault{Path: "/data_attributes", Status: 403, Code: "forbidden", Times: 1}
		sb.AddFault(refused)
		client, err := intercom.New(intercom.Config{Token: "any", Transport: sb})
		if err != nil {
			t.Fatal(err)
		}
		policies, err := policyFlags{Policy: file}.load()
		if err != nil {
			t.Fatal(err)
		}
		out := newTape()
		stop := (&service{client: client, policies: policies}).watchAttributes(t.Context(),
			slog.New(slog.NewTextHandler(out, nil)))
		warned := func(what string, times int) {
			t.Helper()
			synctest.Wait()
			if got := strings.Count(out.String(), what); got != times {
				t.Errorf("%d times %q, want %d: %s", got, what, times, out)
			}
		}
		warned("tire", 0) // the workspace could not be asked
		time.Sleep(attributeWaits[0])
		warned("masked names custom_attributes.tire, which is no attribute of the workspace", 1)
		write("masked: [custom_attributes.tier]\nprotected: [custom_attributes.plann]\n")
		if err := policies.reload(); err != nil {
			t.Fatal(err)
		}
		warned("custom_attributes.tire", 1)
		warned("protected names custom_attributes.plann", 1)
		refused.Times = 0
		sb.AddFault(refused)
		if err := policies.reload(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		warned("protected names custom_attributes.plann", 1)
		warned("is not known", 1)
		stop()
	})
}
