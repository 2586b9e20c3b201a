//go:build unix

package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// replicas are processes that serve one workspace over one schema, behind a router.
type replicas struct {
	t         *testing.T
	state     string // URL of the schema
	flags     []string
	intercom  *sandbox.Sandbox
	workspace *httptest.Server
	router    *router
	front     *httptest.Server // of the router
	agents    []*agent
	reach     atomic.Pointer[func()] // called as each request to Intercom begins, has taken effect, and was answered

	mu  sync.Mutex
	all []*replica // by their place; a restarted one is another
}

// replica is one process.
type replica struct {
	cmd        *exec.Cmd
	log        *tape
	url, admin string
	gone       chan struct{} // closed when it has ended
	err        error         // how, to be read when gone
}

// replicasPolicy lets the agent itself confirm, and bounds nothing that these tests would run into.
const replicasPolicy = `
mode: full
limits: {contacts_per_10m: 1000000, waiting_changes: 1000, waiting_megabytes: 1000, unanswered_per_10m: 1000}
confirm: {fallback: agent, ttl: 1h}
rules:
  - {name: shown first, when: "true", then: confirm, by: agent}
`

// newReplicas starts count replicas for as many agents, with a policy and further flags.
func newReplicas(t *testing.T, count, agents int, policy string, o sandbox.Options, flags ...string) *replicas {
	t.Helper()
	state, dir := postgrestest.Schema(t), t.TempDir()
	tokens, rules := filepath.Join(dir, "tokens"), filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(rules, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &replicas{t: t, state: state, intercom: sandbox.New(o), all: make([]*replica, count)}
	r.workspace = httptest.NewServer(http.HandlerFunc(r.serveIntercom))
	t.Cleanup(r.workspace.Close)
	r.router = newRouter(r.live)
	r.front = httptest.NewServer(r.router)
	t.Cleanup(r.front.Close)
	for i := range agents {
		name := fmt.Sprintf("agent%02d", i)
		code, token, log := output(t, "token", "new", name, "--tokens", tokens, "--mode", "full")
		if code != exitOK {
			t.Fatal(log)
		}
		r.agents = append(r.agents, newAgent(name, strings.TrimSpace(token), r.front.URL))
	}
	r.flags = append([]string{"http", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--state", state,
		"--tokens", tokens, "--policy", rules, "--token", "t", "--base-url", r.workspace.URL}, flags...)
	t.Cleanup(r.killAll)
	for i := range r.all {
		r.start(i)
	}
	return r
}

// serveIntercom is the sandbox behind points at which its caller may die.
func (r *replicas) serveIntercom(w http.ResponseWriter, request *http.Request) {
	pass := func() {
		if reach := r.reach.Load(); reach != nil {
			(*reach)()
		}
	}
	pass()
	answered := httptest.NewRecorder()
	r.intercom.ServeHTTP(answered, request)
	pass()
	maps.Copy(w.Header(), answered.Header())
	w.WriteHeader(answered.Code)
	_, _ = w.Write(answered.Body.Bytes()) // who is gone misses it
	_ = http.NewResponseController(w).Flush()
	pass()
}

// start starts the replica of a place, and waits until it serves.
func (r *replicas) start(place int) {
	r.t.Helper()
	program, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	p := &replica{cmd: exec.Command(program), log: newTape(), gone: make(chan struct{})}
	p.cmd.Args = append([]string{"intercom-mcp"}, r.flags...) // by this name the test binary is the program
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.gone) }()
	r.mu.Lock()
	r.all[place] = p
	r.mu.Unlock()
	admin := p.log.await(r.t, `"address":"([^"]+)"`)
	url := p.log.await(r.t, `"url":"(http://[^"]+)/mcp"`)
	r.mu.Lock()
	defer r.mu.Unlock()
	p.url, p.admin = url, "http://"+admin
}

// live lists the replicas that serve, as far as is known.
func (r *replicas) live() []*replica {
	r.mu.Lock()
	defer r.mu.Unlock()
	var live []*replica
	for _, p := range r.all {
		if p != nil && p.url != "" {
			live = append(live, p)
		}
	}
	return live
}

// at is the replica of a place.
func (r *replicas) at(place int) *replica {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[place]
}

// kill ends a replica as kill -9 does.
func (r *replicas) kill(place int) {
	p := r.at(place)
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.gone
}

// killAll ends what runs.
func (r *replicas) killAll() {
	for place, p := range r.all {
		if p == nil {
			continue
		}
		r.kill(place)
		if r.t.Failed() {
			text := p.log.String()
			r.t.Logf("the log of replica %d ends %s", place, text[max(0, len(text)-2000):])
		}
	}
}

// terminate has a replica end by SIGTERM, and demands that it ends well.
func (r *replicas) terminate(place int) {
	r.t.Helper()
	p := r.at(place)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	select {
	case <-p.gone:
	case <-time.After(60 * time.Second):
		r.t.Fatalf("replica %d does not end", place)
	}
	if p.err != nil {
		r.t.Errorf("replica %d ended with %v: %s", place, p.err, p.log)
	}
}
