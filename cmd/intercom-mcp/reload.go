package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// reloadable is something that a serving command reads again at SIGHUP.
type reloadable struct {
	what string
	// reload reads it again; an error leaves all as it was.
	reload func() error
}

// reloadAtHangup reads all again at each SIGHUP, which never ends a server. The
// function that it returns ends that, and waits until it has ended.
func reloadAtHangup(ctx context.Context, log *slog.Logger, all ...reloadable) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	for _, one := range all {
		log.InfoContext(ctx, one.what+" in force; read again at SIGHUP")
	}
	var reloading sync.WaitGroup
	reloading.Go(func() { reloadAtEach(ctx, log, hangup, all) })
	return func() {
		signal.Stop(hangup)
		cancel()
		reloading.Wait()
	}
}

// reloadAtEach reads all again at each signal until ctx ends.
func reloadAtEach(ctx context.Context, log *slog.Logger, hangup <-chan os.Signal, all []reloadable) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if len(all) == 0 {
				log.InfoContext(ctx, "SIGHUP: there is no file to read again")
			}
			for _, one := range all {
				if err := one.reload(); err != nil {
					log.ErrorContext(ctx, one.what+" not reloaded", "err", err)
					continue
				}
				log.InfoContext(ctx, one.what+" reloaded")
			}
		}
	}
}
