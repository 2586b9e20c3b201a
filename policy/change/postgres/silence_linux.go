package postgres

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundSilence ends a connection whose other end does not confirm what was sent; keep-alive probes are not sent then.
// https://man7.org/linux/man-pages/man7/tcp.7.html
func boundSilence(network, _ string, conn syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	failed := conn.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	})
	if failed != nil {
		return failed
	}
	return err
}
