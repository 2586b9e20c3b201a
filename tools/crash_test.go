package tools

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"intercom-mcp/policy/change/changetest"
)

const (
	crashPoints = 210 // in all kinds of changes together
	crashAtOnce = 6   // processes, which mostly wait
)

// TestCrash kills the process that carries out a change, as kill -9 does, at
// many points: before and after each write to the store, before each request
// to Intercom, after its effect, and after its answer. Another process, now
// and then killed too, goes on. Then what is recorded must be what Intercom
// holds, and nothing may have been done twice.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	onBothStores(t, crash)
}

func crash(t *testing.T, fresh freshState) {
	random := rand.New(rand.NewPCG(changetest.CrashSeed(t), 0))
	whole := make([]*crashRun, len(crashKinds))
	for i, kind := range crashKinds {
		whole[i] = &crashRun{kind: kind, fresh: fresh}
	}
	runAll(t, whole)
	if t.Failed() {
		return
	}
	runs := crashes(whole, random)
	runAll(t, runs)
	t.Logf("killed at %d points, %d of them with a second death", len(runs), countAgain(runs))
	partly := 0
	for _, r := range runs {
		partly += r.count.Partly
	}
	if partly == 0 {
		t.Error("no item of all the changes shows in part")
	}
	if len(runs) < crashPoints {
		t.Errorf("killed at %d points, want %d", len(runs), crashPoints)
	}
}

// crashes chooses points of death: of each kind as many as of the others, or
// all there are.
func crashes(whole []*crashRun, random *rand.Rand) []*crashRun {
	most, total := 0, 0
	for before := -1; total < crashPoints && total > before; most++ {
		before, total = total, 0
		for _, r := range whole {
			total += min(len(r.passed), most+1)
		}
	}
	var runs []*crashRun
	for _, r := range whole {
		points := random.Perm(len(r.passed))
		slices.SortStableFunc(points, func(a, b int) int { return cmp.Compare(rank(r.passed[a]), rank(r.passed[b])) })
		for _, point := range points[:min(len(points), most)] {
			run := &crashRun{kind: r.kind, fresh: r.fresh, at: point + 1}
			if random.IntN(4) == 0 {
				run.again = 1 + random.IntN(20)
			}
			runs = append(runs, run)
		}
	}
	return runs
}

// rank puts the points at the store first, of which there are few.
func rank(point string) int {
	if strings.Contains(point, "/") {
		return 1
	}
	return 0
}

func countAgain(runs []*crashRun) int {
	n := 0
	for _, r := range runs {
		if len(r.gates) > 2 {
			n++
		}
	}
	return n
}

// runAll makes the runs, some at the same time.
func runAll(t *testing.T, runs []*crashRun) {
	dir := t.TempDir()
	next := make(chan *crashRun)
	var working sync.WaitGroup
	for range crashAtOnce {
		working.Go(func() {
			for r := range next {
				if err := r.run(t.Context()); err != nil {
					last := "the end"
					if len(r.passed) > 0 {
						last = r.passed[len(r.passed)-1]
					}
					t.Errorf("%s, killed at point %d (%s), again at %d: %v", r.kind.name, r.at, last, r.again, err)
				}
			}
		})
	}
	for i, r := range runs {
		r.dir = dir + "/" + strconv.Itoa(i)
		next <- r
	}
	close(next)
	working.Wait()
}
