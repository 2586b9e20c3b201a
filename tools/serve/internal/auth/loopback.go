package auth

import (
	"net"
	"net/netip"
	"strings"
)

// LoopbackHost reports whether a Host, with a port or without, stands for the machine itself.
func LoopbackHost(host string) bool {
	if bare, _, err := net.SplitHostPort(host); err == nil {
		host = bare
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}
