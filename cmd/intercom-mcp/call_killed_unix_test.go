//go:build unix

package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

const killedRows = 60

// killed is an import that was killed after about a third of its rows.
type killed struct {
	flags  []string // of further commands
	state  string
	handle string
}

// killImport has the import of a table killed, as kill -9 does.
func killImport(t *testing.T) *killed {
	t.Helper()
	dir := t.TempDir()
	k := &killed{state: filepath.Join(dir, "state.db")}
	var table strings.Builder
	table.WriteString("external_id,name\n")
	for i := range killedRows {
		fmt.Fprintf(&table, "u-%d,Imported %d\n", 10001+i, i)
	}
	file := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(file, []byte(table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	third, dead := make(chan struct{}), make(chan struct{})
	var written atomic.Int64
	intercom := sandbox.New(sandbox.Options{Latency: 20 * time.Millisecond, NoPreview: true})
	workspace := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-dead:
		default:
			if r.Method == http.MethodPut && written.Load() >= killedRows/3 {
				select { // however late the process is killed, it gets no further
				case <-dead:
				case <-t.Context().Done():
				}
				return
			}
		}
		intercom.ServeHTTP(w, r)
		if r.Method == http.MethodPut && written.Add(1) == killedRows/3 {
			close(third)
		}
	}))
	t.Cleanup(workspace.Close)
	k.flags = []string{"--token", "t", "--base-url", workspace.URL, "--state", k.state}
	cmd, _, stdout := child(t, append([]string{"import", file, "--match", "external_id", "--yes"}, k.flags...)...)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, stdout)
	}()
	select {
	case <-third:
	case <-ended:
		t.Fatalf("the import ended: %s", cmd.Stderr)
	}
	_ = cmd.Process.Kill()
	<-ended
	_ = cmd.Wait()
	close(dead)
	_, list, stderr := output(t, append([]string{"call", "list_changes"}, k.flags...)...)
	if k.handle = regexp.MustCompile(`chg_\w{26}`).FindString(list); k.handle == "" {
		t.Fatal(list, stderr)
	}
	return k
}

// call calls a tool about the change, and returns what it answers.
func (k *killed) call(t *testing.T, tool string, more ...string) (answer killedAnswer) {
	t.Helper()
	args := append([]string{"call", tool, `{"change":"` + k.handle + `"}`}, k.flags...)
	code, stdout, stderr := output(t, append(args, more...)...)
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != exitOK {
		t.Fatalf("%s: exit code %d, %v: %s%s", tool, code, err, stdout, stderr)
	}
	return answer
}

type killedAnswer struct {
	Status, Note              string
	Approved                  string
	Changed, Pending, Written int
	NotSent                   int `json:"not_sent"`
}

// expire ends the lease of the process that was killed, as half a minute does.
func (k *killed) expire(t *testing.T) {
	t.Helper()
	db, err := sql.Open("sqlite", k.state)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `UPDATE changes SET lease_until = 1`); err != nil {
		t.Fatal(err)
	}
}

// TestKilledImport goes on with an import that was killed by the commands alone: nobody takes it up before its lease is
// over; then get_change ends it, cancel_change stops it, and undo_change puts it back.
func TestKilledImport(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	t.Run("read", func(t *testing.T) {
		t.Parallel()
		k := killImport(t)
		if got := k.call(t, "get_change"); got.Status != "applying" || !strings.Contains(got.Note, "within a minute") {
			t.Errorf("before the lease is over: %+v", got)
		}
		k.expire(t)
		if got := k.call(t, "get_change", "--mode", "read"); got.Status != "applying" ||
			!strings.Contains(got.Note, "in a mode that writes") {
			t.Errorf("where nothing is written: %+v", got)
		}
		if got := k.call(t, "get_change"); got.Status != "applied" || got.Changed != killedRows || got.Pending != 0 ||
			!strings.HasPrefix(got.Approved, "user by --yes 20") {
			t.Errorf("afterwards: %+v", got)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		k := killImport(t)
		k.expire(t)
		got := k.call(t, "cancel_change")
		if got.Status != "stopped" || got.NotSent == 0 || got.Changed+got.NotSent != killedRows {
			t.Errorf("cancelled: %+v", got)
		}
		if undo := k.call(t, "undo_change", "--yes"); undo.Status != "applied" || undo.Changed+undo.Written != got.Changed {
			t.Errorf("undone: %+v of %+v", undo, got)
		}
	})
	t.Run("undone", func(t *testing.T) {
		t.Parallel()
		k := killImport(t)
		k.expire(t)
		if undo := k.call(t, "undo_change", "--yes"); undo.Status != "applied" || undo.Changed != killedRows {
			t.Errorf("undone: %+v", undo)
		}
		if got := k.call(t, "get_change"); got.Status != "undone" {
			t.Errorf("afterwards: %+v", got)
		}
	})
}
