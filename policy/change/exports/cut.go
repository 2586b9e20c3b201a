package exports

import (
	"context"
	"fmt"
	"os"
	"time"

	"intercom-mcp/policy/change"
)

// Cut exports to a folder what may be cut off a trail of what happened before a time, and cuts it off then. It takes a
// bounded part of it: more may be left. It returns the zero Cut where there is nothing to cut, and ErrStatusChanged
// where another process was quicker, or something has happened to it meanwhile. After any error all of it is kept.
func Cut(ctx context.Context, cuts change.Cuts, before time.Time, folder string) (change.Cut, error) {
	if err := checkFolder(folder); err != nil {
		return change.Cut{}, err
	}
	removePartial(folder)
	files := &export{folder: folder}
	defer files.discard()
	cut, err := cuts.Oldest(ctx, before, files)
	if files.failed != nil {
		return change.Cut{}, fmt.Errorf("exporting what is to be cut: %w", files.failed) // the store has no part in it
	}
	if err != nil || cut.From == 0 {
		return change.Cut{}, err
	}
	exported, err := files.publish(cut)
	if err != nil {
		return change.Cut{}, fmt.Errorf("exporting what is to be cut: %w", err)
	}
	if err := cuts.Remove(ctx, cut, exported); err != nil {
		return change.Cut{}, err
	}
	return cut, nil
}

// checkFolder makes sure that a folder is there: it may be on a disk that is not mounted.
func checkFolder(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return fmt.Errorf("the folder to export to: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s, to export to, is no folder", folder)
	}
	return nil
}
