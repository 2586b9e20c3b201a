package main

import (
	"errors"
	"log/slog"
	"net/http"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// cancelChange is the tool that reaches the changes of every principal with --operator.
const cancelChange = "cancel_change"

// actAsOperator gives a call the role of an operator, where its tool has a use for it.
func actAsOperator(call *tools.Call) error {
	if call.Tool != cancelChange {
		return &usageError{
			problem: "--operator is for " + cancelChange,
			try:     "intercom-mcp call " + cancelChange + " --state FILE --operator '{\"change\":\"chg_…\"}'",
		}
	}
	call.Operator = true
	return nil
}

// openOffline starts the service of an operator's call. It works with the state alone, which must exist: changes are
// shown and stopped without an access token and with Intercom out of reach, whatever the flags offer.
func (f serviceFlags) openOffline(h *host, command string, log *slog.Logger) (*service, error) {
	store, err := f.stateFlags.openExisting(h, f.workspaceFlags, command, "there are no changes yet", toWrite)
	if err != nil {
		return nil, err
	}
	started, err := offerFlags{}.start(offlineConfig(), store, log, nil, checkEvery)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	started.policies.current.Store(f.forOperator(log))
	return started, nil
}

// forOperator is the policy for an operator's call: it allows every tool, whatever the mode of the file. It masks what
// the file masks, or all that can be masked where the file cannot be read.
func (f policyFlags) forOperator(log *slog.Logger) *policy.Policy {
	p, err := policyFlags{Policy: f.Policy}.read()
	if err != nil {
		log.Warn("the policy cannot be read; all that one can mask is masked", "err", err)
		p = policy.Default(policy.ModeWrite)
		p.Masked = tools.PolicyVocabulary().Masked
		return p
	}
	anyMode := *p
	anyMode.Mode = policy.ModeFull
	return &anyMode
}

// offlineConfig describes a client that reaches nothing.
func offlineConfig() intercom.Config {
	return intercom.Config{Token: "none", BaseURL: "http://localhost", Transport: offline{}, UserAgent: userAgent()}
}

// offline is the transport of a client that is to send nothing.
type offline struct{}

// RoundTrip implements [http.RoundTripper].
func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("this command sends nothing to Intercom")
}
