package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/notify"
	"intercom-mcp/tools/serve"
)

// offerFlags choose the tools that are offered.
type offerFlags struct {
	policyFlags
	Toolsets []string `variable:"INTERCOM_TOOLSETS" placeholder:"SET" help:"@toolsets"`
	TimeZone string   `variable:"INTERCOM_TIME_ZONE" placeholder:"ZONE" help:"@time_zone"`
	// ConsoleURL is where people decide about changes; "" where that is told nowhere.
	ConsoleURL string `kong:"-"`
	// Withdrawn reports whether a principal has no bearer token any more; nil: nobody's are known.
	Withdrawn func(principal string) bool `kong:"-"`
	// Sharers is how many servers use the access token; 0: this one.
	Sharers int `kong:"-"`
	// Clock is the clock of the policy; nil: the real one.
	Clock func() time.Time `kong:"-"`
}

// serviceFlags are the flags of the commands that run tools for someone.
type serviceFlags struct {
	workspaceFlags
	stateFlags
	offerFlags
	logFlags
}

// repeated are the flags of another command on the same changes, with a blank before each, without what is secret. kept
// is false where no other command finds these.
func (f serviceFlags) repeated() (flags string, kept bool) {
	if f.Sandbox {
		flags = " --sandbox"
	}
	if f.Region != "us" && !f.Sandbox {
		flags += " --region " + f.Region
	}
	for _, flag := range [][2]string{{"--token-file", f.TokenFile}, {"--base-url", f.BaseURL}, {"--mode", f.Mode},
		{"--policy", f.Policy}, {"--state", f.State}} {
		if name, value := flag[0], flag[1]; value != "" && !strings.Contains(value, "@") {
			if strings.ContainsAny(value, " '\"$\\&;|<>*?()#`!~") {
				value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
			}
			flags += " " + name + " " + value
		}
	}
	return flags, f.State != "" || !f.Sandbox
}

// service is the pipeline of one workspace, ready for calls.
type service struct {
	pipeline *tools.Pipeline
	client   *intercom.Client
	policies *policies
	store    change.Store
	kept     *keptSandbox   // of an embedded Intercom beside a state file
	tokens   *serve.Tokens  // of an HTTP server that has a file of them
	sender   *notify.Sender // nil where nobody is told
	flags    workspaceFlags // of a service that a command opened
}

// open starts the service that the flags describe. metrics may be nil.
func (f serviceFlags) open(h *host, command string, log *slog.Logger, metrics *serve.Metrics) (*service, error) {
	config, err := f.config(command)
	if err != nil {
		return nil, err
	}
	if h.intercom != nil {
		config.Transport = h.intercom
	}
	if f.Sandbox {
		if err := f.needFile("--sandbox"); err != nil {
			return nil, err
		}
	}
	store, err := f.stateFlags.open(h, config, f.Sandbox)
	if err != nil {
		return nil, err
	}
	var kept *keptSandbox
	if f.Sandbox && f.State != "" {
		if kept, err = keepSandbox(f.State + ".sandbox"); err != nil {
			return nil, errors.Join(err, closeStore(store))
		}
		config.Transport = kept
	}
	started, err := f.start(config, store, log, metrics, checkEvery)
	if err != nil {
		return nil, errors.Join(err, closeStore(store), kept.Close())
	}
	f.bind(h, store, started.client, config)
	started.kept, started.flags = kept, f.workspaceFlags
	return started, nil
}

// checkEvery has a server validate one of so many answers against its schema.
const checkEvery = 1000

// maxChanges is how many changes are remembered where they live in memory.
const maxChanges = 1000

// start starts a service over the workspace of config that offers what the flags say, and validates one of so many
// answers against its schema. The service owns store. log and metrics may be nil.
func (f offerFlags) start(
	config intercom.Config, store change.Store, log *slog.Logger, metrics *serve.Metrics, validateEvery int,
) (*service, error) {
	policies, err := f.load()
	if err != nil {
		return nil, err
	}
	counted := store
	trail := &callTrail{store: store, log: log}
	config.Observe = trail.observe
	if metrics != nil {
		config.Observe = func(ctx context.Context, x intercom.Exchange) {
			metrics.Observe(ctx, x)
			trail.observe(ctx, x)
		}
		counted = metrics.Count(store)
	}
	config.Share = shareRates(store, config, f.Sharers)
	client, err := intercom.New(config)
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	if metrics != nil {
		metrics.WatchBudget(func() int { return client.Budget().Remaining })
	}
	_, lasting := store.(change.Durable) // which a console may be opened over at any time
	pipeline, err := tools.New(tools.Config{
		Client: client, Policy: policies.current.Load, Store: counted, Toolsets: entries(f.Toolsets), Log: log,
		CheckEvery: validateEvery, Zone: f.TimeZone, Now: f.Clock, Approvers: lasting,
		ConsoleURL: f.ConsoleURL, Withdrawn: f.Withdrawn, Version: thisBuild().version,
	})
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	return &service{pipeline: pipeline, client: client, policies: policies, store: store}, nil
}

// reloadables are what the service's flags have read from files that may change while it serves.
func (s *service) reloadables(ctx context.Context) []reloadable {
	var again []reloadable
	if s.policies.flags.Policy != "" {
		again = append(again, reloadable{"policy", s.policies.reload})
	}
	if s.flags.TokenFile != "" && !s.flags.Sandbox {
		again = append(again, reloadable{"access token", func() error { return s.reloadAccessToken(ctx) }})
	}
	return again
}

// reloadAccessToken reads the token for Intercom again. One that Intercom does not take, or of another workspace than
// the one in use, leaves the old one in force.
func (s *service) reloadAccessToken(ctx context.Context) error {
	token, err := s.flags.accessToken()
	if err != nil {
		return err
	}
	config, err := s.flags.endpointFlags.config(token)
	if err != nil {
		return err
	}
	next, err := intercom.New(config)
	if err != nil {
		return err
	}
	defer next.Close()
	me, err := next.Admins.Me(ctx)
	if err != nil {
		return fmt.Errorf("trying the new token: %w", err)
	}
	if now, err := s.client.Admins.Me(ctx); err == nil && now.App.ID != me.App.ID {
		return fmt.Errorf("the new token is of the workspace %s, and the server works in %s; start it again for that",
			me.App.ID, now.App.ID)
	}
	return s.client.SetToken(token)
}

// reloadTokens reads the tokens again, and ends the changes of those whose last token is gone.
func (s *service) reloadTokens(ctx context.Context, tokens *serve.Tokens) error {
	gone, err := tokens.Reload()
	s.policies.wake()
	failures := []error{err}
	for _, name := range gone {
		failures = append(failures, s.pipeline.StopPrincipal(ctx, name, "the access of its principal was withdrawn"))
	}
	return errors.Join(failures...)
}

// pause stops the pipeline. Where the store outlives the process, the next process resumes the changes.
func (s *service) pause(grace time.Duration) {
	if _, lasting := s.store.(change.Durable); lasting {
		s.pipeline.Pause(grace)
	} else {
		s.pipeline.Stop(grace)
	}
}

// closeTimeout is how long the changes of a stopped service may take to reach a point where they can be resumed.
const closeTimeout = 8 * time.Second

// stop ends the pipeline, even where ctx has ended: what is not sent by then is not sent any more.
func (s *service) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	s.pipeline.Close(ctx)
}

// close ends the service, even where ctx has ended.
func (s *service) close(ctx context.Context) error {
	s.stop(ctx)
	if s.sender != nil {
		s.sender.Close()
	}
	s.client.Close()
	return errors.Join(closeStore(s.store), s.kept.Close())
}

// reachable returns why Intercom cannot be worked with, nil where it can.
func (s *service) reachable(ctx context.Context) error {
	_, err := s.client.Admins.Me(ctx)
	return err
}
