package main

import (
	"context"
	"errors"
	"io/fs"

	"intercom-mcp/tools/serve"
)

// httpFiles are what the http server reads from files of its own; nil where no flag names one.
type httpFiles struct {
	tokens      *serve.Tokens
	keys        *serve.SealKeys
	certificate *serve.Certificate
}

// files reads the files that the flags name.
func (c *httpCmd) files() (f httpFiles, err error) {
	if c.Tokens != "" {
		if f.tokens, err = serve.LoadTokens(c.Tokens); err != nil {
			try := ""
			if errors.Is(err, fs.ErrNotExist) {
				try = "intercom-mcp token new NAME --tokens " + c.Tokens
			}
			return f, &usageError{problem: err.Error(), try: try}
		}
	}
	if c.SealKeys != "" {
		if f.keys, err = serve.LoadSealKeys(c.SealKeys); err != nil {
			return f, &usageError{problem: err.Error()}
		}
	}
	f.certificate, err = c.certificate()
	return f, err
}

// reloadables are the files, to be read again while the service runs.
func (f httpFiles) reloadables(ctx context.Context, service *service) []reloadable {
	var again []reloadable
	if f.tokens != nil {
		again = append(again, reloadable{"tokens", func() error { return service.reloadTokens(ctx, f.tokens) }})
	}
	if f.keys != nil {
		again = append(again, reloadable{"seal keys", f.keys.Reload})
	}
	if f.certificate != nil {
		again = append(again, reloadable{"TLS certificate", f.certificate.Reload})
	}
	return again
}
