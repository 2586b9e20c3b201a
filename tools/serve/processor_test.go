//go:build unix

package serve

import "syscall"

// processorTime is how long the processor has worked for this process, in
// nanoseconds.
func processorTime() int64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return used.Utime.Nano() + used.Stime.Nano()
}
