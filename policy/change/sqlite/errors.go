package sqlite

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// failed wraps err with what was being done, as [change.ErrUnavailable] where the file is to blame. The contract's own
// errors stay as they are.
func (f *file) failed(doing string, err error) error {
	var broken *sqlite.Error
	var missing *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, change.ErrUnavailable):
	case errors.As(err, &broken), errors.As(err, &missing):
		return fmt.Errorf("%s: %w: %s: %w", doing, change.ErrUnavailable, f.name(), err)
	case stored.IsContract(err):
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
