package main

import (
	"net"

	"intercom-mcp/tools/serve"
)

// listenHelp are the help texts of listenFlags.
var listenHelp = helpTexts{
	"tls_cert": "Certificate of the server, and those that it is signed by, in PEM; read again at SIGHUP, as is its key.",
	"tls_key":  "Key of the certificate, in PEM; only you may read it.",
	"admin_addr": "Address for /metrics, /healthz and /readyz, which are then not at --addr; on a loopback one they ask " +
		"for no token.",
	"behind_proxy": "A proxy in front secures the connections; it, or --tls-cert, is needed on an address that other " +
		"machines reach.",
}

// listenFlags say how connections are secured.
type listenFlags struct {
	TLSCert     string `variable:"INTERCOM_HTTP_TLS_CERT" name:"tls-cert" type:"path" placeholder:"FILE" help:"@tls_cert"`
	TLSKey      string `variable:"INTERCOM_HTTP_TLS_KEY" name:"tls-key" type:"path" placeholder:"FILE" help:"@tls_key"`
	AdminAddr   string `variable:"INTERCOM_HTTP_ADMIN_ADDR" name:"admin-addr" placeholder:"ADDR" help:"@admin_addr"`
	BehindProxy bool   `variable:"INTERCOM_HTTP_BEHIND_PROXY" help:"@behind_proxy"`
}

// certificate reads the certificate that the flags name; nil for none.
func (f listenFlags) certificate() (*serve.Certificate, error) {
	switch {
	case f.TLSCert == "" && f.TLSKey == "":
		return nil, nil
	case f.TLSCert == "" || f.TLSKey == "":
		return nil, &usageError{problem: "a certificate and its key belong together", try: "--tls-cert FILE --tls-key FILE"}
	}
	certificate, err := serve.LoadCertificate(f.TLSCert, f.TLSKey)
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	return certificate, nil
}

// checkSecured refuses an address that other machines reach without anything that secures the connections: bearer
// tokens would be sent in the clear.
func (f listenFlags) checkSecured(addr string, ip net.IP) error {
	if ip.IsLoopback() || f.BehindProxy || f.TLSCert != "" || f.TLSKey != "" {
		return nil
	}
	return &usageError{
		problem: addr + " is not a loopback address: tokens would be sent to it in the clear",
		try:     "--tls-cert FILE --tls-key FILE, or --behind-proxy where a proxy in front secures the connections",
	}
}

// The connections that a server takes, and the files that it keeps for others: the state, and its own to Intercom.
const (
	mostConnections  = 4096
	leastConnections = 32
	otherFiles       = 64
)

// maxConnections is how many connections the http server takes: as many as the process may open files for.
func maxConnections() int {
	files, known := fileLimit()
	if !known || files >= mostConnections+otherFiles {
		return mostConnections
	}
	return max(int(files)-otherFiles, leastConnections)
}
