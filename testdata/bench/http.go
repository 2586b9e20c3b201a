package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// httpClient speaks MCP with a server over Streamable HTTP, in the revision with sessions or in the one without.
type httpClient struct {
	process *process
	url     string
	header  http.Header
	client  *http.Client
	meta    string // of each request
}

// sessionless is the revision without sessions.
const sessionless = "2026-07-28"

// newHTTP starts a server and, in a revision with sessions, opens one.
func (w *world) newHTTP(ctx context.Context, sessions bool, program string, args ...string) (*httpClient, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, err := w.serve(ctx, program, append(args, "--addr", address)...)
	if err != nil {
		return nil, err
	}
	if err := await(ctx, address); err != nil {
		return nil, err
	}
	c := &httpClient{process: p, url: "http://" + address + "/mcp", client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	c.header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}}
	if !sessions {
		c.header.Set("Mcp-Protocol-Version", sessionless)
		c.header.Set("Mcp-Method", "tools/call")
		c.meta = `,"_meta":{"io.modelcontextprotocol/protocolVersion":"` + sessionless + `",` +
			`"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},` +
			`"io.modelcontextprotocol/clientCapabilities":{}}`
		return c, nil
	}
	c.header.Set("Mcp-Protocol-Version", "2025-06-18")
	_, answered, err := c.post(ctx, initialize, "")
	if err != nil {
		return nil, err
	}
	if id := answered.Get("Mcp-Session-Id"); id != "" {
		c.header.Set("Mcp-Session-Id", id)
	}
	_, _, err = c.post(ctx, initialized, "")
	return c, err
}

// post sends a message and returns the response. name is that of the tool, where it calls one.
func (c *httpClient) post(ctx context.Context, message, name string) ([]byte, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(message))
	if err != nil {
		return nil, nil, err
	}
	r.Header = c.header.Clone()
	if c.meta != "" {
		r.Header.Set("Mcp-Name", name)
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("answered %s: %.300s", answer.Status, body)
	}
	if err == nil {
		err = successful(body)
	}
	return body, answer.Header, err
}

// each has so many clients call a tool for a while, and returns how many calls were answered.
func (c *httpClient) each(ctx context.Context, span time.Duration, clients int, tool, args string) (int, error) {
	var answered atomic.Int64
	failures := make([]error, clients)
	ends := time.Now().Add(span)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for time.Now().Before(ends) && failures[i] == nil {
				id := answered.Add(1)
				_, _, failures[i] = c.post(ctx, fmt.Sprintf(
					`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s%s}}`, id, tool, args, c.meta),
					tool)
			}
		})
	}
	all.Wait()
	return int(answered.Load()), errors.Join(failures...)
}
