//go:build !linux

package changetest

import "testing"

// SmallDisk skips the test: small disks are made on Linux alone.
func SmallDisk(t testing.TB, megabytes int) (dir string, resize func(megabytes int)) {
	t.Helper()
	t.Skip("small disks are made on Linux alone")
	return "", nil
}
