package auth

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress is the address that a request comes from: that of its connection or, where a proxy is in front, the one
// that the proxy tells. The zero Addr stands for none.
func ClientAddress(r *http.Request, proxied bool) netip.Addr {
	if client := ForwardedFor(r.Header); proxied && client.IsValid() {
		return client
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // no network, no address
	return peer.Addr()
}

// ForwardedFor is the address that the nearest proxy has from its own connection, the last of X-Forwarded-For, with a
// port or without; the zero Addr where it tells none.
func ForwardedFor(header http.Header) netip.Addr {
	all := strings.Join(header.Values("X-Forwarded-For"), ",")
	last := strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
	if withPort, err := netip.ParseAddrPort(last); err == nil {
		return withPort.Addr()
	}
	client, _ := netip.ParseAddr(last)
	return client
}
