// Package intercom is a typed client of Intercom's REST API: contacts,
// companies, tags, notes, segments, admins, data attributes, subscriptions
// and bulk jobs.
//
// What may live here: the wire format of each resource in a file of its own,
// and the one way a request takes (request.go, call.go, exchange.go) with its
// rate budget, its retries and its errors. The differences between API
// versions end here: a caller sees one shape of everything. The package knows
// nothing of agents, policies or protocols on top.
package intercom

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config tells a client where and as whom to call.
type Config struct {
	// Token is the access token. It is sent to the configured host alone and
	// never appears in an error or an [Exchange].
	Token string
	// Region is where the workspace is hosted; "" stands for RegionUS.
	Region Region
	// BaseURL overrides Region. It must be https, except for loopback hosts.
	BaseURL string
	// Version is the Intercom-Version header: "2.16", "Preview"; ""
	// stands for DefaultVersion. Requests that only Preview has are sent as
	// Preview whatever stands here.
	Version string
	// Transport sends the requests; nil stands for an http.Transport of the
	// client's own. A transport that is no *http.Transport is taken to have
	// sent the request whenever it was called, unless its error says that no
	// connection came about.
	Transport http.RoundTripper
	// UserAgent is the User-Agent header; "" stands for the package's name.
	UserAgent string
	// Observe, if set, is told of each HTTP attempt once it is over. It runs
	// in the caller's goroutine, possibly in several at once.
	Observe func(context.Context, Exchange)
}

// Exchange is one HTTP attempt, as metrics and an audit may see it.
type Exchange struct {
	Method    string
	Route     string // the path's pattern, as "/contacts/{id}": few different values
	Path      string // the path itself, without its query and without free text such as external ids
	Version   string // Intercom-Version sent
	Status    int    // 0 without an answer
	RequestID string // Intercom's id of the request, "" if it told none
	Attempt   int    // 1 for the first
	Priority  Priority
	Duration  time.Duration
	Err       error // why there is no usable answer, nil otherwise
}

// Client calls Intercom on behalf of one access token. Its services are
// grouped as Intercom's reference is. All methods may be called concurrently,
// obey their context, and fail with an [*Error].
type Client struct {
	Contacts       *ContactService
	Companies      *CompanyService
	Tags           *TagService
	Notes          *NoteService
	Segments       *SegmentService
	Admins         *AdminService
	DataAttributes *DataAttributeService
	Subscriptions  *SubscriptionService
	Bulk           *BulkService

	conn     *connection
	priority Priority
	common   service
}

// service is what all services are: a view of their client.
type service struct{ client *Client }

// defaultUserAgent names the package to Intercom.
const defaultUserAgent = "intercom-mcp"

// New checks a configuration and makes a client of it. It does no I/O.
func New(config Config) (*Client, error) {
	base, err := config.base()
	if err != nil {
		return nil, err
	}
	if err := checkToken(config.Token); err != nil {
		return nil, err
	}
	version, err := parseVersion(config.Version)
	if err != nil {
		return nil, err
	}
	conn := newConnection(base, version, config)
	return newClient(conn, PriorityInteractive), nil
}

func newClient(conn *connection, priority Priority) *Client {
	c := &Client{conn: conn, priority: priority}
	c.common.client = c
	c.Contacts = (*ContactService)(&c.common)
	c.Companies = (*CompanyService)(&c.common)
	c.Tags = (*TagService)(&c.common)
	c.Notes = (*NoteService)(&c.common)
	c.Segments = (*SegmentService)(&c.common)
	c.Admins = (*AdminService)(&c.common)
	c.DataAttributes = (*DataAttributeService)(&c.common)
	c.Subscriptions = (*SubscriptionService)(&c.common)
	c.Bulk = (*BulkService)(&c.common)
	return c
}

// Version is the API version that calls are made with, as it is sent.
func (c *Client) Version() string { return string(c.conn.version) }

// WithPriority returns a client that waits for the rate budget at another
// priority. It shares everything else with c, the budget included.
func (c *Client) WithPriority(p Priority) *Client { return newClient(c.conn, p) }

// Budget is the state of the rate limit as the client knows it.
func (c *Client) Budget() BudgetState { return c.conn.budget.state() }

// Close closes the idle connections of the transport, the caller's own included. The
// client stays usable.
func (c *Client) Close() {
	if idle, ok := c.conn.transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
}

// base is the address that all paths are appended to.
func (config Config) base() (*url.URL, error) {
	if config.BaseURL == "" {
		region, err := ParseRegion(string(config.Region))
		if err != nil {
			return nil, err
		}
		return &url.URL{Scheme: "https", Host: region.host()}, nil
	}
	base, err := url.Parse(config.BaseURL)
	switch {
	case err != nil || base.Host == "" || base.Opaque != "":
		return nil, fmt.Errorf("intercom: base URL %q is no absolute URL", config.BaseURL)
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("intercom: base URL must have no user, query or fragment")
	case base.Scheme != "https" && (base.Scheme != "http" || !isLoopback(base.Hostname())):
		return nil, fmt.Errorf("intercom: base URL %q must be https", config.BaseURL)
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = ""
	return base, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkToken refuses what could not be a header's value. The error does not
// show the token.
func checkToken(token string) error {
	if token == "" {
		return fmt.Errorf("intercom: no access token")
	}
	for _, r := range token {
		if r <= ' ' || r > '~' {
			return fmt.Errorf("intercom: the access token has a blank or a character outside ASCII in it")
		}
	}
	return nil
}
