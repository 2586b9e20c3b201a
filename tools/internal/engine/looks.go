package engine

import "time"

// looks times the looks at a bulk job: first when jobs have lately been ending, then ever less often.
//
// It takes a job to have ended in the middle between the last look at which it had not and the look at which it had.
// Where the first look shows the end, jobs may be quicker than was thought: the next one is looked at a little sooner.
type looks struct {
	typical    time.Duration // how long a job takes, by the last ones
	pause      time.Duration // before the next look
	step       time.Duration // and before the one after it
	sooner     bool          // whether the first look may be the end of a wait that was too long
	unfinished time.Duration // how old the job was when it was last seen not to have ended
}

// lookAt begins to look at a job of an age.
func lookAt(typical, age time.Duration) looks {
	pause := max(typical-age, 0)
	return looks{typical: typical, pause: pause, step: max(typical/4, pollLeast), sooner: pause > 0}
}

// next waits for the next look.
func (l *looks) next() {
	l.sooner = false
	l.pause, l.step = l.step, min(l.step*3/2, pollMost)
}

// ended is how long a job takes, by one that is seen at an age to have ended.
func (l *looks) ended(age time.Duration) time.Duration {
	switch {
	case l.unfinished > 0:
		return (l.unfinished + age) / 2
	case l.sooner:
		return l.typical * 7 / 8
	}
	return l.typical
}
