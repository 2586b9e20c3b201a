package sqlite

import (
	"errors"
	"io/fs"
	"os"

	"intercom-mcp/policy/change"
)

// Shared implements [change.Store].
func (s *Store) Shared() change.Shared {
	return change.Shared{
		Stops: stops{s}, Cursors: cursors{s}, Requests: requests{s}, Servers: servers{s}, Sessions: sessions{s},
		Outbox: outbox{s},
		Rates:  rates{s},
	}
}

// missing reports whether the file is not there, so that nothing is found in it, and there is no reason to make it.
func (f *file) missing() bool {
	_, err := os.Stat(f.name())
	return errors.Is(err, fs.ErrNotExist)
}
