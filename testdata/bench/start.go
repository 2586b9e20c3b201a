package main

import (
	"bufio"
	"context"
	"time"
)

// startRows are the rows about the start.
func startRows() []row {
	return []row{{"start to tools/list", "ms", goal{times: 1.5},
		func(_ context.Context, w *world) (own, floor sample, err error) {
			return w.starting("intercom-mcp", "stdio"), w.starting("bench-floor-start"), nil
		}}}
}

// startsEach is how many starts one measurement takes the median of.
const startsEach = 11

// starting measures from the start of a program to its answer to tools/list.
func (w *world) starting(program string, args ...string) sample {
	return func(ctx context.Context) (float64, error) {
		var took []float64
		for range startsEach {
			began := time.Now()
			p, err := w.start(ctx, program, args...)
			if err != nil {
				return 0, err
			}
			c := &stdioClient{process: p, out: bufio.NewReader(p.stdout)}
			if err = c.handshake(); err == nil {
				err = c.send("tools/list", "{}")
			}
			if err == nil {
				_, err = c.read()
			}
			took = append(took, float64(time.Since(began).Microseconds())/1000)
			if stopped := p.stop(); err == nil {
				err = stopped
			}
			if err != nil {
				return 0, err
			}
		}
		return median(took), nil
	}
}
