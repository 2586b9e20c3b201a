package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// row is one line of the table.
type row struct {
	name string
	unit string // of what is measured, as "ms"
	goal goal
	// prepare starts what is measured. The samples are called by turns, and what was started is stopped with the
	// workspace's close. A nil floor is none.
	prepare func(context.Context, *world) (own, floor sample, err error)
}

// sample measures once.
type sample func(context.Context) (float64, error)

// goal is what a row is held to; zero fields hold nothing.
type goal struct {
	times float64 // at most that many times the floor
	most  float64 // at most that much
	least float64 // at least that much
}

// String is the goal as the table has it.
func (g goal) String() string {
	switch {
	case g.times > 0:
		return fmt.Sprintf("≤ %.1f × floor", g.times)
	case g.most > 0:
		return fmt.Sprintf("≤ %.0f", g.most)
	case g.least > 0:
		return fmt.Sprintf("≥ %.0f", g.least)
	}
	return ""
}

// met reports whether a result reaches the goal.
func (g goal) met(own, floor float64) bool {
	return (g.times == 0 || floor == 0 || own <= g.times*floor) && (g.most == 0 || own <= g.most) && own >= g.least
}

// result is a measured row.
type result struct {
	row        row
	own, floor float64
}

// measure measures a row, ours and the floor by turns.
func (w *world) measure(ctx context.Context, r row, rounds int) (result result, err error) {
	defer func() { err = errors.Join(err, w.stopServers()) }()
	own, floor, err := r.prepare(ctx, w)
	if err != nil {
		return result, err
	}
	var ours, floors []float64
	for range max(rounds, 1) {
		for _, side := range []struct {
			sample sample
			into   *[]float64
		}{{own, &ours}, {floor, &floors}} {
			if side.sample == nil {
				continue
			}
			value, err := side.sample(ctx)
			if err != nil {
				return result, err
			}
			*side.into = append(*side.into, value)
		}
	}
	result.row, result.own, result.floor = r, median(ours), median(floors)
	return result, nil
}

// median is 0 for none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// printHeader prints the head of the table.
func printHeader() {
	fmt.Printf("%-60s %10s %10s %7s  %-14s %s\n", "", "ours", "floor", "ratio", "goal", "")
}

// print prints a row, marked where it misses its goal.
func (r result) print() {
	floor, ratio, missed := "–", "–", ""
	if r.floor > 0 {
		floor, ratio = fmt.Sprintf("%.1f", r.floor), fmt.Sprintf("%.2f", r.own/r.floor)
	}
	if !r.row.goal.met(r.own, r.floor) {
		missed = "missed"
	}
	fmt.Printf("%-60s %10.1f %10s %7s  %-14s %s\n", r.row.name+", "+r.row.unit, r.own, floor, ratio, r.row.goal, missed)
}
