package tools

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// childVariable tells the test program that it is a child process, and holds
// its childTask.
const childVariable = "TOOLS_TEST_CHILD"

// childTask is what a child process does: the call of a tool with its user's
// consent, or, without a tool, to go on with what another process left.
type childTask struct {
	BaseURL string        // of the sandbox
	State   string        // the file of changes, or the URL of a database
	Lease   time.Duration // how long its signs of life hold
	Tool    string
	Args    json.RawMessage
	Answer  *Answer // given by the user before; nil: whatever is asked is accepted
	Times   int     // so many calls at the same time
	Points  bool    // tell the parent of each use of the store
	Serve   int     // instead: serve a sandbox of so many contacts
}

// runChild is the main function of a child process. It tells results and
// points on stdout, a line each, and waits at each point for a line on stdin.
func runChild(encoded string) int {
	var task childTask
	err := json.Unmarshal([]byte(encoded), &task)
	switch {
	case err != nil:
	case task.Serve > 0:
		task.serve()
	default:
		err = task.run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (task *childTask) run(ctx context.Context) error {
	file, err := openState(task.State, task.Lease)
	if err != nil {
		return err
	}
	var store change.Store = file
	if task.Points {
		store = &pointedStore{Store: file, acks: bufio.NewReader(os.Stdin)}
	}
	p, err := crashPipeline(task.BaseURL, store)
	if err != nil {
		return err
	}
	if task.Tool == "" {
		err = resumeAll(ctx, p, file)
	} else {
		err = task.call(ctx, p)
	}
	if err != nil {
		return err
	}
	p.Close(ctx)
	return file.Close()
}

// serve serves a sandbox, at the address that it tells, for as long as the
// parent lets it.
func (task *childTask) serve() {
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: task.Serve, RateLimit: 1 << 30, BulkDelay: 1}))
	defer server.Close()
	fmt.Println("point " + server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // its end is the sign
}

// call makes the task's calls, and tells their results.
func (task *childTask) call(ctx context.Context, p *Pipeline) error {
	var calling sync.WaitGroup
	results := make(chan error, task.Times)
	for range task.Times {
		calling.Go(func() {
			result, err := task.callOnce(ctx, p)
			if err == nil {
				_, err = fmt.Printf("result %s\n", result)
			}
			results <- err
		})
	}
	calling.Wait()
	close(results)
	for err := range results {
		if err != nil {
			return err
		}
	}
	return nil
}

// callOnce makes one call. With an answer of the user it is repeated until the
// change has ended, since another process may carry it out.
func (task *childTask) callOnce(ctx context.Context, p *Pipeline) (json.RawMessage, error) {
	for {
		result, err := consented(ctx, p, Call{Tool: task.Tool, Args: task.Args, Answer: task.Answer})
		if err != nil || task.Answer == nil || !bytes.Contains(result, []byte(`"status":"applying"`)) {
			return result, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// crashPipeline is the real pipeline in mode full.
func crashPipeline(baseURL string, store change.Store) (*Pipeline, error) {
	client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: baseURL})
	if err != nil {
		return nil, err
	}
	return New(Config{Client: client, Store: store, Policy: policy.Always(policy.Default(policy.ModeFull))})
}

// consented makes a call as the local user, who accepts what is asked. An
// error of the tool is an error.
func consented(ctx context.Context, p *Pipeline, call Call) (json.RawMessage, error) {
	call.Principal, call.CanAsk = "local", true
	result, err := p.Call(ctx, call)
	if err == nil && result.Ask != nil {
		call.Answer = &Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: Accept}
		result, err = p.Call(ctx, call)
	}
	switch {
	case err != nil:
		return nil, err
	case result.Err != nil && result.Err.Data["change"] == nil: // else what its only item came to
		return nil, result.Err
	}
	return result.JSON, nil
}

// resumeAll goes on with interrupted changes until none is left.
func resumeAll(ctx context.Context, p *Pipeline, store change.Store) error {
	for range 1000 {
		p.resumer.ResumeInterrupted(ctx)
		left := 0
		for _, status := range []change.Status{change.StatusApproved, change.StatusApplying} {
			list, err := store.List(ctx, "local", change.Query{Status: status, Limit: 1})
			if err != nil {
				return err
			}
			left += len(list)
		}
		if left == 0 {
			return nil
		}
		time.Sleep(crashLease / 3) // until a lease runs out
	}
	return fmt.Errorf("changes are still being applied")
}

// pointedStore tells the parent before and after each write, and waits for
// leave to go on.
type pointedStore struct {
	change.Store
	mu   sync.Mutex
	acks *bufio.Reader
}

func (s *pointedStore) point(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Println("point " + name)
	if _, err := s.acks.ReadString('\n'); err == io.EOF {
		os.Exit(1) // the parent is gone
	}
}

func (s *pointedStore) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	s.point("before Create")
	made, err := s.Store.Create(ctx, c, decide)
	s.point("after Create " + string(made.Status))
	return made, err
}

func (s *pointedStore) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	s.point("before Advance " + string(step.To))
	defer s.point("after Advance " + string(step.To))
	return s.Store.Advance(ctx, id, step)
}

func (s *pointedStore) Record(ctx context.Context, id string, outcomes []change.Recorded) error {
	s.point("before Record")
	defer s.point("after Record")
	return s.Store.Record(ctx, id, outcomes)
}
