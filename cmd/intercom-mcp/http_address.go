package main

import (
	"net"
	"net/netip"
	"net/url"

	"intercom-mcp/tools/serve"
)

// checkAddress refuses to serve an address that other machines reach without bearer tokens, and to allow hosts and
// origins that no request has, before anything is opened.
func (c *httpCmd) checkAddress() error {
	if err := serve.CheckAllowed(c.hosts(), entries(c.AllowOrigin)); err != nil {
		return &usageError{problem: err.Error(), try: "--allow-host mcp.example.com, --allow-origin https://app.example.com"}
	}
	address, err := net.ResolveTCPAddr("tcp", c.Addr)
	if err != nil {
		return &usageError{
			problem: "the address to listen on: " + err.Error(),
			try:     "intercom-mcp http --addr 127.0.0.1:8080",
		}
	}
	tokens := "intercom-mcp token new NAME --tokens FILE, then intercom-mcp http --addr " + c.Addr + " --tokens FILE"
	open := c.Tokens == "" && c.Issuer == ""
	switch {
	case open && !address.IP.IsLoopback():
		return &usageError{
			problem: c.Addr + " is not a loopback address: other machines may call it only with bearer tokens",
			try:     tokens,
		}
	case open && len(entries(c.AllowHost)) > 0:
		return &usageError{
			problem: "--allow-host lets others than this machine call, and they may only with bearer tokens",
			try:     tokens,
		}
	}
	return c.checkSecured(c.Addr, address.IP)
}

// hosts are the Host headers to accept: those listed, the name by which the address to listen on was given, and that of
// the public address.
func (c *httpCmd) hosts() []string {
	hosts := entries(c.AllowHost)
	if public, err := url.Parse(c.PublicURL); err == nil && public.Host != "" {
		hosts = append(hosts, public.Host)
	}
	name, _, err := net.SplitHostPort(c.Addr)
	if _, number := netip.ParseAddr(name); err != nil || name == "" || number == nil {
		return hosts
	}
	return append(hosts, name)
}
