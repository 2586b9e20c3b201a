//go:build conformance

package serve

import (
	"context"
	"io"
	"net"
	"testing"
)

// TestFixtures replays a conversation with the fixtures on every transport.
func TestFixtures(t *testing.T) {
	for transport, start := range map[string]func(*testing.T, Options) peer{
		"stdio": func(t *testing.T, o Options) peer {
			return stdioPeer{connectTo(t, func(ctx context.Context, in io.Reader, out io.Writer) error {
				c, err := newCore(o)
				if err != nil {
					return err
				}
				c.addFixtures()
				s, work := newStdio(c, out)
				return s.serve(ctx, work, in)
			})}
		},
		"http": func(t *testing.T, o Options) peer {
			return newSiteOf(t, "127.0.0.1:0", func(ctx context.Context, l net.Listener) error {
				return HTTPWithFixtures(ctx, HTTPOptions{Options: o}, l)
			}).peer("")
		},
	} {
		t.Run(transport, func(t *testing.T) {
			replay(t, "../../testdata/conformance/fixtures.txtar", transport, start)
		})
	}
}
