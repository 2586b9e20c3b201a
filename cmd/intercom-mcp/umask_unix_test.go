//go:build unix

package main

import "syscall"

// Files that tests write are as those of most people: nobody else may write them.
func init() { syscall.Umask(0o022) }
