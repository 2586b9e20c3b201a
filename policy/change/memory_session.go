package change

import (
	"context"
	"slices"
	"sync"
	"time"
)

// memorySessions are the sessions of a [Memory].
type memorySessions struct {
	mu   sync.Mutex
	all  []memorySession // oldest first
	ends []memoryEnd     // of sessions, within SignInLasts
}

// memoryEnd is the end of somebody's sessions, by one of their names.
type memoryEnd struct {
	whose string
	at    time.Time
}

// memorySession is a session with its key and its end.
type memorySession struct {
	session Session
	key     SessionKey
	until   time.Time
}

// Begin implements [Sessions].
func (*memorySessions) Begin(ctx context.Context) (time.Time, error) { return time.Now(), ctx.Err() }

// Keep implements [Sessions].
func (m *memorySessions) Keep(ctx context.Context, key SessionKey, s Session, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now, others := time.Now(), 0
	var ended []string
	for _, end := range m.ends {
		if !end.at.Before(s.BegunAt) {
			ended = append(ended, end.whose)
		}
	}
	if err := s.CheckSignIn(now, ended); err != nil {
		return err
	}
	m.all = slices.DeleteFunc(m.all, func(kept memorySession) bool {
		gone := kept.key == key || !now.Before(kept.until)
		if !gone && kept.session.Principal == s.Principal {
			others++
		}
		return gone
	})
	m.all = slices.DeleteFunc(m.all, func(kept memorySession) bool {
		excess := kept.session.Principal == s.Principal && others >= MaxSessions
		if excess {
			others--
		}
		return excess
	})
	m.all = append(m.all, memorySession{s.clone(), key, until})
	return nil
}

// Renew implements [Sessions].
func (m *memorySessions) Renew(ctx context.Context, key SessionKey, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.all, func(kept memorySession) bool { return kept.key == key })
	if i < 0 || !time.Now().Before(m.all[i].until) {
		return ErrNotFound
	}
	renewed := m.all[i]
	renewed.until = until
	m.all = append(slices.Delete(m.all, i, i+1), renewed)
	return nil
}

// Find implements [Sessions].
func (m *memorySessions) Find(ctx context.Context, key SessionKey) (Session, error) {
	if err := ctx.Err(); err != nil {
		return Session{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.all, func(kept memorySession) bool { return kept.key == key })
	if i < 0 || !time.Now().Before(m.all[i].until) {
		return Session{}, ErrNotFound
	}
	return m.all[i].session.clone(), nil
}

// Drop implements [Sessions].
func (m *memorySessions) Drop(ctx context.Context, key SessionKey) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = slices.DeleteFunc(m.all, func(kept memorySession) bool { return kept.key == key })
	return nil
}

// List implements [Sessions].
func (m *memorySessions) List(ctx context.Context) ([]KeptSession, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.list(), nil
}

// list is List. m.mu is held.
func (m *memorySessions) list() (list []KeptSession) {
	for _, kept := range slices.Backward(m.all) {
		if s := kept.session.clone(); time.Now().Before(kept.until) {
			s.Form = nil
			list = append(list, KeptSession{kept.key, s, kept.until})
		}
	}
	return list
}

// End implements [Sessions]. There is no trail to record it in.
func (m *memorySessions) End(ctx context.Context, whose string, _ Actor) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now, ended := time.Now(), SessionsOf(m.list(), whose)
	m.ends = slices.DeleteFunc(m.ends, func(end memoryEnd) bool { return now.Sub(end.at) > SignInLasts })
	for _, name := range EndedNames(whose, ended) {
		m.ends = append(m.ends, memoryEnd{name, now})
	}
	m.all = slices.DeleteFunc(m.all, func(kept memorySession) bool {
		return slices.ContainsFunc(ended, func(k KeptSession) bool { return k.Key == kept.key })
	})
	return len(ended), nil
}

func (s Session) clone() Session {
	s.Roles, s.Form = slices.Clone(s.Roles), slices.Clone(s.Form)
	return s
}
