package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// stdioClient speaks MCP with a server on its stdin and stdout.
type stdioClient struct {
	process *process
	out     *bufio.Reader
	id      int
}

// newStdio starts a server and shakes hands with it.
func (w *world) newStdio(ctx context.Context, program string, args ...string) (*stdioClient, error) {
	p, err := w.serve(ctx, program, args...)
	if err != nil {
		return nil, err
	}
	c := &stdioClient{process: p, out: bufio.NewReaderSize(p.stdout, 1<<20)}
	return c, c.handshake()
}

// The messages of a handshake.
const (
	initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",` +
		`"capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
)

// handshake initializes the session.
func (c *stdioClient) handshake() error {
	if err := c.write(initialize); err != nil {
		return err
	}
	if _, err := c.read(); err != nil {
		return err
	}
	return c.write(initialized)
}

func (c *stdioClient) write(line string) error {
	_, err := c.process.stdin.Write([]byte(line + "\n"))
	return err
}

// read reads a response that is none of an error.
func (c *stdioClient) read() ([]byte, error) {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	return line, successful(line)
}

// successful returns an error for a response that tells of one.
func successful(response []byte) error {
	for _, sign := range []string{`"isError":true`, `"error":{`} {
		if bytes.Contains(response, []byte(sign)) {
			return fmt.Errorf("answered %.300s", response)
		}
	}
	return nil
}

// send sends the next request: method and params.
func (c *stdioClient) send(method, params string) error {
	c.id++
	return c.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, c.id, method, params))
}

// each sends calls for a while, so many at once, and returns how many were answered. call returns the params of the
// next one.
func (c *stdioClient) each(span time.Duration, atOnce int, call func() string) (int, error) {
	for range atOnce {
		if err := c.send("tools/call", call()); err != nil {
			return 0, err
		}
	}
	answered, ends := 0, time.Now().Add(span)
	for waiting := atOnce; waiting > 0; {
		if _, err := c.read(); err != nil {
			return 0, err
		}
		answered++
		waiting--
		if time.Now().After(ends) {
			continue
		}
		if err := c.send("tools/call", call()); err != nil {
			return 0, err
		}
		waiting++
	}
	return answered, nil
}

// cpuPerCall is the CPU time of the process for each call that f makes, in microseconds. f returns how many it made.
func (p *process) cpuPerCall(f func() (int, error)) (float64, error) {
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	n, err := f()
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, errors.New("no call was answered")
	}
	after, err := p.cpu()
	return float64((after - before).Microseconds()) / float64(n), err
}
