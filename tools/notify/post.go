package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// poster posts bodies to a receiver. It is safe for concurrent use.
type poster struct {
	url     string
	secrets Secrets
	client  *http.Client
}

// newPoster returns what posts to a receiver by a transport; nil is one of its own, with the proxy of the environment.
func newPoster(url string, secrets Secrets, by http.RoundTripper) *poster {
	if by == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxResponseHeaderBytes, transport.MaxConnsPerHost = 16<<10, atOnce
		by = transport
	}
	return &poster{url, secrets, &http.Client{
		Transport: by, Timeout: sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (p *poster) close() { p.client.CloseIdleConnections() }

// send posts a body, and returns nil where it was taken. Else wait is how long the receiver wants to be left alone.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func (p *poster) send(ctx context.Context, id string, body []byte) (wait time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return 0, withoutURL(err)
	}
	now := time.Now()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "intercom-mcp")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	if signature := p.secrets.sign(id, now, body); signature != "" {
		request.Header.Set("Webhook-Signature", signature)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10) // so that the connection is used again
	if response.StatusCode/100 == 2 {
		return 0, nil
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	wait = min(max(0, time.Duration(seconds)*time.Second), retryMost)
	return wait, fmt.Errorf("HTTP %d", response.StatusCode)
}

// withoutURL is an error of a request without the receiver's address, whose path may be a secret.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", sendTimeout)
	}
	return err
}

// backoff is how long a notice waits that was sent in vain so often before: about twice as long as the last time.
func backoff(tried int) time.Duration {
	pause := retryMost
	if tried < 10 {
		pause = min(retryFirst<<tried, retryMost)
	}
	return pause - time.Duration(rand.Int64N(int64(pause)/5)) // servers are not to come together
}
