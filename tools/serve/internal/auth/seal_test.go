package auth

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"
)

func newTestSeal(t testing.TB, keys ...[]byte) *Seal {
	t.Helper()
	var ring *SealKeys
	if len(keys) > 0 {
		ring = new(SealKeys)
		if err := ring.use(keys); err != nil {
			t.Fatal(err)
		}
	}
	s, err := NewSeal(ring)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func TestSeal(t *testing.T) {
	now := time.Now()
	st := State{Change: "chg_1", Binding: "b", Expires: now.Add(time.Minute)}
	s := newTestSeal(t, key(1))
	closed, err := s.Close("ann", "tag_contacts", st)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		seal                    *Seal
		principal, tool, sealed string
		at                      time.Time
		want                    error
	}{
		"good":              {s, "ann", "tag_contacts", closed, now, nil},
		"rotated key":       {newTestSeal(t, key(2), key(1)), "ann", "tag_contacts", closed, now, nil},
		"unknown key":       {newTestSeal(t, key(2)), "ann", "tag_contacts", closed, now, ErrForged},
		"random key":        {newTestSeal(t), "ann", "tag_contacts", closed, now, ErrForged},
		"another principal": {s, "bob", "tag_contacts", closed, now, ErrForged},
		"another tool":      {s, "ann", "add_note", closed, now, ErrForged},
		"another split":     {s, "ann\x00tag", "_contacts", closed, now, ErrForged},
		"expired":           {s, "ann", "tag_contacts", closed, st.Expires, ErrExpired},
		"empty":             {s, "ann", "tag_contacts", "", now, ErrForged},
		"no base64":         {s, "ann", "tag_contacts", closed + "!", now, ErrForged},
		"line feed":         {s, "ann", "tag_contacts", closed + "\n", now, ErrForged},
		"carriage return":   {s, "ann", "tag_contacts", closed[:9] + "\r" + closed[9:], now, ErrForged},
		"longer":            {s, "ann", "tag_contacts", closed + "AAAA", now, ErrForged},
		"shorter":           {s, "ann", "tag_contacts", closed[:len(closed)-4], now, ErrForged},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.seal.Open(test.principal, test.tool, test.sealed, test.at)
			if !errors.Is(err, test.want) || err == nil && (got.Change != st.Change || got.Binding != st.Binding) {
				t.Errorf("opened to %+v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestSealsAreSpentOnce(t *testing.T) {
	now := time.Now()
	s := newTestSeal(t)
	closed, err := s.Close("ann", "t", State{Expires: now.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Open("ann", "t", closed, now)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	results := make(chan error, 16)
	for range cap(results) {
		all.Go(func() { results <- s.Spend(st, now) })
	}
	all.Wait()
	close(results)
	spent := 0
	for err := range results {
		if err == nil {
			spent++
		} else if !errors.Is(err, ErrReplayed) {
			t.Error(err)
		}
	}
	if spent != 1 {
		t.Errorf("spent %d times", spent)
	}
	if _, err := s.Open("ann", "t", closed, now); !errors.Is(err, ErrReplayed) {
		t.Errorf("opened again with %v", err)
	}
}

func TestSealForgetsWhatHasExpired(t *testing.T) {
	now := time.Now()
	s := newTestSeal(t)
	for i := range 100 {
		if err := s.Spend(State{Nonce: string(rune(i)), Expires: now.Add(time.Minute)}, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Spend(State{Nonce: "last", Expires: now.Add(time.Hour)}, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if len(s.used) != 1 {
		t.Errorf("%d nonces are kept", len(s.used))
	}
}

// FuzzRequestState looks for text that opens without having been sealed.
func FuzzRequestState(f *testing.F) {
	now := time.Now()
	s := newTestSeal(f, key(1))
	good, err := s.Close("ann", "t", State{Change: "chg_1", Expires: now.Add(time.Hour)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:len(good)-1])
	f.Add(good + "=")
	f.Add(good + "\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, sealed string) {
		if _, err := s.Open("ann", "t", sealed, now); !errors.Is(err, ErrForged) && sealed != good {
			t.Errorf("%q opened with %v", sealed, err)
		}
	})
}
