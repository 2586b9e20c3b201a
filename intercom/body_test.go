package intercom

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// padding is a reader of a part of a body that costs no memory.
type padding struct {
	of   byte
	left int
}

func (p *padding) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := min(len(b), p.left)
	for i := range b[:n] {
		b[i] = p.of
	}
	p.left -= n
	return n, nil
}

// bodyTransport answers with a body that a function makes.
type bodyTransport func() io.Reader

func (b bodyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(b()), ContentLength: -1, Request: r},
		nil
}

// Twenty bodies of 15 MB at once do not fill the memory, and a value of 10 MB does not reach anybody.
func TestLargeBodies(t *testing.T) {
	if testing.Short() {
		t.Skip("reads more than a gigabyte")
	}
	const megabyte = 1 << 20
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // so that the heap is what is held, and not what is garbage
	attribute := `"a":{"b":[` + strings.Repeat("0,", 4_000) + `0]},`
	var all strings.Builder
	all.WriteString(`{"id":"c1","role":"user","email":"a@b.c","custom_attributes":{`)
	for i := range 14_000 {
		fmt.Fprintf(&all, `"k%d":"%s",`, i, strings.Repeat("x", 1_000))
	}
	texts := all.String() + `"z":1}}`
	for name, body := range map[string]bodyTransport{
		"one value": func() io.Reader {
			return io.MultiReader(strings.NewReader(`{"id":"c1","role":"user","email":"a@b.c","name":"`),
				&padding{'x', 15 * megabyte},
				strings.NewReader(`"}`))
		},
		"an unknown key": func() io.Reader {
			return io.MultiReader(strings.NewReader(`{"id":"c1","role":"user","email":"a@b.c","unknown":"`),
				&padding{'x', 15 * megabyte},
				strings.NewReader(`"}`))
		},
		"attributes": func() io.Reader {
			parts := []io.Reader{strings.NewReader(`{"id":"c1","role":"user","email":"a@b.c","custom_attributes":{`)}
			for range 15 * megabyte / len(attribute) {
				parts = append(parts, strings.NewReader(attribute))
			}
			return io.MultiReader(append(parts, strings.NewReader(`"z":1}}`))...)
		},
		"texts": func() io.Reader {
			return strings.NewReader(texts)
		},
		"blanks": func() io.Reader {
			return io.MultiReader(strings.NewReader(`{"id":"c1","role":"user","email":"a@b.c"`), &padding{' ', 15 * megabyte},
				strings.NewReader(`}`))
		},
	} {
		held := make([]Contact, 20) // until all have been read
		grown := growth(func() {
			// In a bubble a slow machine meets no deadline.
			synctest.Test(t, func(t *testing.T) {
				c, err := New(Config{Token: "t", Transport: body})
				if err != nil {
					t.Fatal(err)
				}
				c = c.WithPriority(PriorityBulk)
				var calls sync.WaitGroup
				for i := range held {
					calls.Go(func() {
						contact, err := c.Contacts.Get(t.Context(), "c1")
						if err != nil || contact.Email != "a@b.c" || len(contact.Name) > 0 {
							t.Errorf("%s: got %d bytes of a name, %v", name, len(contact.Name), err)
						}
						held[i] = contact
					})
				}
				calls.Wait()
			})
		})
		runtime.KeepAlive(held)
		if grown > 100*megabyte {
			t.Errorf("%s: %d MB", name, grown/megabyte)
		}
	}
}

// growth is by how many bytes the heap grows at most while something is done.
func growth(do func()) int64 {
	var peak atomic.Uint64
	ctx, cancel := context.WithCancel(background)
	var watch sync.WaitGroup
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	watch.Go(func() {
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
			time.Sleep(5 * time.Millisecond)
		}
	})
	do()
	cancel()
	watch.Wait()
	return int64(peak.Load()) - int64(before.HeapAlloc)
}

// The bound on a body holds whether its length is told or not.
func TestBodiesAreBounded(t *testing.T) {
	for _, length := range []int64{-1, maxBody + 1} {
		b := newBodies()
		resp := &http.Response{Body: io.NopCloser(&padding{' ', 2 * maxBody}), ContentLength: length}
		body, release, err := b.read(background, resp, maxBody)
		if err == nil || len(body) > maxBody+1 {
			t.Errorf("length %d: %d bytes, %v", length, len(body), err)
		}
		release()
	}
	b := newBodies()
	resp := &http.Response{Body: io.NopCloser(&padding{'x', maxBody}), ContentLength: -1}
	body, release, err := b.read(background, resp, maxBody)
	if err != nil || len(body) != maxBody || !bytes.Equal(body[:3], []byte("xxx")) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	release()
}
