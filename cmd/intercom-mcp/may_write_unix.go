//go:build unix

package main

import "syscall"

// mayWrite reports whether the process may make files in a folder, without making one.
func mayWrite(dir string) bool {
	const writeAndSearch = 0x2 | 0x1 // W_OK and X_OK
	return syscall.Access(dir, writeAndSearch) == nil
}
