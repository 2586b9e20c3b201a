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

// Config configures a [Client].
type Config struct {
	// Token is the access token. It is sent to the configured host alone and never appears in an error or an [Exchange].
	Token string
	// Region is where the workspace is hosted; "" stands for RegionUS.
	Region Region
	// BaseURL overrides Region. It must be https, except for loopback hosts.
	BaseURL string
	// Version is the Intercom-Version header: "2.16", "Preview"; ""
	// stands for DefaultVersion. Requests that only Preview has are sent as Preview whatever stands here.
	Version string
	// Transport sends the requests; nil stands for an http.Transport of the
	// client's own. Of any transport but *http.Transport, a call
	// counts as sent unless its error says that no connection was made.
	Transport http.RoundTripper
	// UserAgent is the User-Agent header; "" stands for the package's name.
	UserAgent string
	// Share has the client share the rate windows of its token with others.
	Share Share
	// Observe, if set, receives each HTTP attempt after it ended, in the
	// caller's goroutine. It may be called concurrently.
	Observe func(context.Context, Exchange)
}

// Exchange is one HTTP attempt, without personal data, for metrics and audits.
type Exchange struct {
	Method    string
	Route     string   // the path's pattern, as "/contacts/{id}": few different values
	Path      string   // the path itself, without its query and without free text such as external ids
	Version   string   // Intercom-Version sent
	Status    int      // 0 without an answer
	RequestID string   // Intercom's id of the request, "" if unknown
	Attempt   int      // 1 for the first
	Priority  Priority // of the client that made it
	Duration  time.Duration
	Err       error // why there is no usable answer, nil otherwise
}

// Client calls Intercom on behalf of one access token. Its services are grouped as Intercom's reference is. All methods
// may be called concurrently, obey their context, and fail with an [*Error].
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
	strict   bool // see Strict
	common   service
}

// service is the shape of all services: a view of their client.
type service struct{ client *Client }

// defaultUserAgent names the package to Intercom.
const defaultUserAgent = "intercom-mcp"

// New returns a client, or an error for an invalid configuration. It does no I/O.
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
	return newClient(conn, PriorityInteractive, false), nil
}

func newClient(conn *connection, priority Priority, strict bool) *Client {
	c := &Client{conn: conn, priority: priority, strict: strict}
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

// Version is the Intercom-Version header of calls.
func (c *Client) Version() string { return string(c.conn.version) }

// WithPriority returns a view of c whose calls have priority p. It shares
// everything else with c, the rate budget included.
func (c *Client) WithPriority(p Priority) *Client { return newClient(c.conn, p, c.strict) }

// Strict returns a view of c for those who write: nothing is left out for the size of an answer, and a list with a
// record that cannot be read is an error that names it, unless [PageOptions] or [SearchRequest] are content with part
// of it. Otherwise such a record is left out, and reported: see [WithUnreadable]. It shares everything else with c.
func (c *Client) Strict() *Client { return newClient(c.conn, c.priority, true) }

// SetToken has all views of c send another token from now on. A refusal of the old one is forgotten. The workspace must
// be the same, which the caller checks.
func (c *Client) SetToken(token string) error {
	if err := checkToken(token); err != nil {
		return err
	}
	c.conn.token.Store(&token)
	c.conn.latch.release()
	return nil
}

// Budget returns the current rate window as far as the client knows it.
func (c *Client) Budget() BudgetState { return c.conn.budget.state() }

// ClockSkew is by how much this machine's clock is behind Intercom's, to about a second; false before an answer has
// told.
func (c *Client) ClockSkew() (time.Duration, bool) { return c.conn.budget.skew() }

// Close closes the idle connections of the transport, the caller's own included, and waits for what it asks those with
// whom it shares the rate windows. The client stays usable.
func (c *Client) Close() {
	if l := c.conn.budget.lessee; l != nil {
		l.asked.Wait()
	}
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

// checkToken refuses tokens that are no valid header value. The error does not contain the token.
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
