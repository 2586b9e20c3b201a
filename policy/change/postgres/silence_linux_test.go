package postgres

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSilenceIsBounded asks the system how long it waits for a server that is gone.
func TestSilenceIsBounded(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var bound int
	if failed := raw.Control(func(fd uintptr) {
		bound, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
	}); failed != nil || err != nil || bound != int(silence.Milliseconds()) {
		t.Errorf("%d ms, %v, %v", bound, failed, err)
	}
}
