package tools

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
)

// killer counts the points that a process passes, and kills it at one.
type killer struct {
	mu     sync.Mutex
	at     int    // the point of death, counted from one; 0 for none
	from   string // what the first point's name begins with
	passed []string
	dead   bool
	victim *process
}

// reach passes a point, and reports whether the process is dead.
func (k *killer) reach(point string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead || len(k.passed) == 0 && !strings.HasPrefix(point, k.from) {
		return k.dead
	}
	k.passed = append(k.passed, point)
	if len(k.passed) == k.at {
		k.dead = true
		k.victim.kill()
	}
	return k.dead
}

// write is a request that may have changed something in the sandbox.
type write struct {
	name string   // method and path
	ids  []string // the records it names
}

// gate is the sandbox behind points at which its caller may die: before a
// request takes effect, before it is answered, and then.
type gate struct {
	sandbox http.Handler
	reach   func(point string) bool

	mu     sync.Mutex
	writes []write
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	name := r.Method + " " + r.URL.Path
	if g.reach("before " + name) {
		panic(http.ErrAbortHandler)
	}
	if r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/search") && r.URL.Path != "/companies/list" {
		g.mu.Lock()
		g.writes = append(g.writes, write{name, named(r.URL.Path, body)})
		g.mu.Unlock()
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	g.sandbox.ServeHTTP(answer, r)
	if g.reach("done " + name) {
		panic(http.ErrAbortHandler)
	}
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())       // who is gone misses it
	_ = http.NewResponseController(w).Flush() // likewise
	_ = g.reach("answered " + name)
}

// named lists the ids of the records that a request names.
func named(path string, body []byte) []string {
	var bulk struct{ Contacts []struct{ ID string } }
	if err := json.Unmarshal(body, &bulk); err == nil && len(bulk.Contacts) > 0 {
		var ids []string
		for _, c := range bulk.Contacts {
			ids = append(ids, c.ID)
		}
		return ids
	}
	return strings.Split(strings.Trim(path, "/"), "/")[1:]
}

// taken returns the writes so far.
func (g *gate) taken() []write {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.writes)
}

// process is a child process under watch.
type process struct {
	cmd     *exec.Cmd
	stderr  bytes.Buffer
	results []string      // it told; to be read when gone
	gone    chan struct{} // closed when it has ended, by itself or killed
	err     error         // why it ended, to be read when gone
	told    sync.WaitGroup
}

// start starts a child process, whose points k counts.
func start(task childTask, k *killer) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(program), gone: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(encoded))
	p.cmd.Stderr = &p.stderr
	acks, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout = write
	k.mu.Lock() // a point may be reached at once
	k.victim = p
	err = p.cmd.Start()
	k.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("starting a child: %w", errors.Join(err, read.Close(), write.Close()))
	}
	_ = write.Close() // the child has its own
	p.told.Go(func() {
		defer read.Close()
		p.listen(read, acks, k)
	})
	go func() { p.err = p.cmd.Wait(); close(p.gone) }()
	return p, nil
}

// listen hears what the child tells, until it ends.
func (p *process) listen(read io.Reader, acks io.Writer, k *killer) {
	lines := bufio.NewScanner(read)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if result, ok := strings.CutPrefix(lines.Text(), "result "); ok {
			p.results = append(p.results, result)
			continue
		}
		point, _ := strings.CutPrefix(lines.Text(), "point ")
		if !k.reach(point) {
			_, _ = io.WriteString(acks, "\n") // who is gone needs none
		}
	}
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.gone
}

// wait waits for the end of the process. A killed one ended as it should.
func (p *process) wait(k *killer) error {
	<-p.gone
	p.told.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.err == nil || k.dead {
		return nil
	}
	return fmt.Errorf("a child failed: %w: %s", p.err, p.stderr.String())
}
