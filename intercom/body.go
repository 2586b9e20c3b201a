package intercom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"golang.org/x/sync/semaphore"
)

// The most bytes that are read of a body.
const (
	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
)

// smallBody is the size of a body, in bytes, up to which it is read without waiting for room.
const smallBody = 256 << 10

// bodies reads the bodies of answers. Few are large, so those wait for each other: many at once would fill the memory.
// A body that outgrows the room of one size moves into that of the next.
type bodies struct{ rooms []room }

// room is where bodies of a size are read.
type room struct {
	size  int64
	slots *semaphore.Weighted
	free  *sync.Pool // of *[]byte of one byte more than the size
}

func newBodies() *bodies {
	newRoom := func(size int64, slots int64) room {
		return room{size, semaphore.NewWeighted(slots), &sync.Pool{New: func() any {
			b := make([]byte, size+1)
			return &b
		}}}
	}
	return &bodies{[]room{newRoom(1<<20, 4), newRoom(4<<20, 4), newRoom(maxBody, 1)}}
}

// take waits for room. What it returns has to be released.
func (r *room) take(ctx context.Context) (body []byte, release func(), err error) {
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, nil, err
	}
	b := r.free.Get().(*[]byte)
	return *b, sync.OnceFunc(func() {
		r.free.Put(b)
		r.slots.Release(1)
	}), nil
}

// read reads at most that many bytes of an answer. The body must not be used after its release.
func (b *bodies) read(ctx context.Context, resp *http.Response, most int64) (body []byte, release func(), err error) {
	release = func() {}
	if resp.ContentLength > most {
		return nil, release, fmt.Errorf("%w: %d bytes", errTooLong, resp.ContentLength)
	}
	body, err = readSmall(resp, min(most, smallBody))
	for i := 0; err == errRoom && int64(len(body)) <= most; i++ {
		larger, leave, taken := b.rooms[i].take(ctx)
		if taken != nil {
			return nil, release, fmt.Errorf("%w: %w", errBroken, taken)
		}
		n := copy(larger, body)
		release()
		release = leave
		body, err = fill(resp.Body, larger[:min(int64(len(larger)), most+1)], n)
	}
	if err == errRoom {
		err = fmt.Errorf("%w: more than %d bytes", errTooLong, most)
	}
	return body, release, err
}

// errRoom is a body that does not fit.
var errRoom = errors.New("no room")

// readSmall reads a body into room of its own, at most one byte more than a size.
func readSmall(resp *http.Response, size int64) ([]byte, error) {
	first := min(size, 16<<10)
	if n := resp.ContentLength; n >= 0 {
		first = min(size, n)
	}
	body, n := make([]byte, first+1), 0
	for {
		read, err := fill(resp.Body, body, n)
		if err != errRoom || int64(len(body)) == size+1 {
			return read, err
		}
		n = len(body)
		body = append(make([]byte, 0, min(2*int64(n), size+1)), body...)
		body = body[:cap(body)]
		body = body[:min(int64(len(body)), size+1)]
	}
}

// fill reads into room of which n bytes are full. errRoom says that there is none left.
func fill(from io.Reader, body []byte, n int) ([]byte, error) {
	for n < len(body) {
		more, err := from.Read(body[n:])
		n += more
		switch {
		case err == io.EOF && n < len(body):
			return body[:n], nil
		case err != nil && err != io.EOF:
			return body[:n], fmt.Errorf("%w: %w", errBroken, err)
		}
	}
	return body, errRoom
}
