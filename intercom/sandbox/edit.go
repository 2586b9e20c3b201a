package sandbox

import "time"

// edit changes the workspace at one instant: that of a request, or that at which a bulk task is due. Its methods keep
// the rules that requests and bulk items share.
type edit struct {
	space *workspace
	at    time.Time
}

// now is the time of the edit in Unix seconds.
func (e edit) now() int64 { return e.at.Unix() }
