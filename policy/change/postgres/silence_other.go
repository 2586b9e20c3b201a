//go:build !linux

package postgres

import "syscall"

// boundSilence does nothing: the system has no such bound.
func boundSilence(string, string, syscall.RawConn) error { return nil }
