package sqlite

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// failed wraps err with what was being done, as [change.UnavailableError] where the file is to blame. The contract's
// own errors stay as they are.
func (f *file) failed(doing string, err error) error {
	var broken *sqlite.Error
	var missing *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, change.ErrUnavailable):
		return &change.UnavailableError{Doing: doing, Err: err}
	case errors.As(err, &broken), errors.As(err, &missing):
		return &change.UnavailableError{Doing: doing, Err: fmt.Errorf("%w: %s: %w", change.ErrUnavailable, f.name(), err)}
	case stored.IsContract(err):
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
