package serve

import "syscall"

// processorTime is how long the processor has worked for this process, in
// nanoseconds.
func processorTime() int64 {
	var created, exited, kernel, user syscall.Filetime
	process, err := syscall.GetCurrentProcess()
	if err != nil || syscall.GetProcessTimes(process, &created, &exited, &kernel, &user) != nil {
		return 0
	}
	return hundreds(kernel) + hundreds(user)
}

// hundreds turns a duration, which Windows counts in 100 ns, into nanoseconds.
func hundreds(d syscall.Filetime) int64 {
	return (int64(d.HighDateTime)<<32 + int64(d.LowDateTime)) * 100
}
