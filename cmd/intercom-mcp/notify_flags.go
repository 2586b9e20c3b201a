package main

import (
	"context"
	"log/slog"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/notify"
	"intercom-mcp/tools/serve"
)

// notifyHelp are the help texts of notifyFlags.
var notifyHelp = helpTexts{
	"notify": "Webhook to tell that a change waits for approvers, failed or was stopped, that writes were frozen, and " +
		"the like: a reference and a link, no names and no values.",
	"notify_secret": "File of the secrets that sign what is told, one per line; created if missing; only you may read it.",
}

// notifyFlags say who is told of what happens.
type notifyFlags struct {
	Notify string `variable:"INTERCOM_NOTIFY" placeholder:"URL" help:"@notify"`

	NotifySecretFile string `variable:"INTERCOM_NOTIFY_SECRET_FILE" type:"path" placeholder:"FILE" help:"@notify_secret"`
}

// start has a service tell, until it is closed, who the flags name. console is where people open the console; "" where
// that is not known.
func (f notifyFlags) start(s *service, console string, log *slog.Logger) (err error) {
	if f.Notify == "" {
		if f.NotifySecretFile != "" {
			return &usageError{problem: "--notify-secret-file has no effect without --notify",
				try: "--notify https://hooks.example.com/…"}
		}
		return nil
	}
	cfg := notify.Config{URL: f.Notify, Outbox: s.store.Shared().Outbox, Console: console, Log: log,
		Events: func() (kinds []change.NoticeKind) {
			for _, name := range s.policies.current.Load().Notify.Wanted() {
				kinds = append(kinds, change.NoticeKind(name))
			}
			return kinds
		}}
	if f.NotifySecretFile != "" {
		if cfg.Secrets, err = notify.LoadSecrets(f.NotifySecretFile); err == nil {
			err = serve.CheckPrivate(f.NotifySecretFile)
		}
		if err != nil {
			return &usageError{problem: "--notify-secret-file: " + withoutPackage(err.Error())}
		}
	}
	if durable, ok := s.store.(change.Durable); ok {
		cfg.Verify = func(ctx context.Context) error {
			_, err := durable.VerifyAudit(ctx)
			return err
		}
	}
	if s.sender, err = notify.Start(cfg); err != nil {
		return &usageError{problem: "--notify: " + withoutPackage(err.Error()), try: "intercom-mcp docs notifications"}
	}
	return nil
}
