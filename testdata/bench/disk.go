package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// fileSystems are the names of those that keep state files, by their magic numbers.
//
// https://man7.org/linux/man-pages/man2/statfs.2.html
var fileSystems = map[int64]string{
	unix.EXT4_SUPER_MAGIC: "ext4", unix.XFS_SUPER_MAGIC: "xfs", unix.BTRFS_SUPER_MAGIC: "btrfs", unix.TMPFS_MAGIC: "tmpfs",
	unix.OVERLAYFS_SUPER_MAGIC: "overlayfs", unix.F2FS_SUPER_MAGIC: "f2fs", unix.NFS_SUPER_MAGIC: "nfs",
}

// printDisk prints what the rows that write rest on: where state files are, how SQLite syncs them, and what it takes to
// append 4 KiB and sync them at this moment.
func printDisk(dir string) error {
	var system unix.Statfs_t
	if err := unix.Statfs(dir, &system); err != nil {
		return err
	}
	name, known := fileSystems[int64(system.Type)]
	if !known {
		name = fmt.Sprintf("file system %#x", system.Type)
	}
	file, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return err
	}
	defer file.Close()
	page := make([]byte, 4096)
	var took []time.Duration
	for range 200 {
		began := time.Now()
		if _, err := file.Write(page); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	fmt.Printf("state on %s, WAL, synchronous=FULL; 4 KiB appended and synced: median %.2f ms, 95 of 100 within %.2f ms\n",
		name, ms(took[len(took)/2]), ms(took[len(took)*95/100]))
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
