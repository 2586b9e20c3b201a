package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup copies the file of a store to another one, which only its owner may read, as it is at a moment, while other
// processes go on writing to it. A file that is there already is never written over: the error is [fs.ErrExist] then.
func Backup(ctx context.Context, s *Store, to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return fmt.Errorf("copying the changes: %w", err)
	}
	if _, err := s.database.file.reader(ctx); err != nil { // which makes sure of what it is
		return s.database.file.failed("copying the changes", err)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copying the changes to %s: %w", to, errors.Join(fs.ErrExist, err))
	}
	partial := to + ".partial"
	if err := s.database.file.copyTo(ctx, partial, to); err != nil {
		return fmt.Errorf("copying the changes to %s: %w", to, err)
	}
	return nil
}
