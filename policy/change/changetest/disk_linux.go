package changetest

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// SmallDisk mounts a disk of so many megabytes on a folder, which it returns, with what gives the disk
// another size. It skips the test where nothing can be mounted, which takes root.
func SmallDisk(t testing.TB, megabytes int) (dir string, resize func(megabytes int)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "disk") // where other users may come, unlike the test's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	mount := func(megabytes int, flags uintptr) error {
		return syscall.Mount("tmpfs", dir, "tmpfs", flags, fmt.Sprintf("size=%dm,mode=755", megabytes))
	}
	if err := mount(megabytes, 0); err != nil {
		t.Skip("a small disk cannot be mounted, for which one has to be root: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func(megabytes int) {
		t.Helper()
		if err := mount(megabytes, syscall.MS_REMOUNT); err != nil {
			t.Fatal(err)
		}
	}
}
