package intercom

import "time"

// Lasts estimates how long requests of a priority last that would take so long without a limit, where nobody else sends
// any. They begin now, or at some moment that nobody knows: halfway between the best and the worst one of a window. It
// is as long as without a limit where that is not known yet.
func (s BudgetState) Lasts(requests int, took time.Duration, p Priority, now bool) time.Duration {
	if !s.Known || requests <= 0 {
		return took
	}
	each, share := took/time.Duration(requests), max(s.Limit-reserve(s.Limit, p), 1)
	if now {
		have := max(s.Remaining-reserve(s.Limit, p), 0)
		return lasts(requests, each, time.Until(s.Reset), have, share)
	}
	worst := lasts(requests, each, windowLength, share, share)
	best := lasts(requests, each, min(each*time.Duration(share), windowLength), share, share) // it ends as it is used up
	return (best + worst) / 2
}

// lasts is how long requests last that take each so long, where so much is left of a window: time, and requests to
// have. Each later one has a share of them.
func lasts(requests int, each, left time.Duration, have, share int) time.Duration {
	first := have
	if each > 0 {
		first = min(have, int(left/each))
	}
	if requests <= first {
		return each * time.Duration(requests)
	}
	requests -= first
	if each*time.Duration(share) >= windowLength {
		return left + each*time.Duration(requests)
	}
	windows := (requests - 1) / share
	return left + windowLength*time.Duration(windows) + each*time.Duration(requests-windows*share)
}
