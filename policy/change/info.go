package change

import "time"

// Info sums up what a store keeps.
type Info struct {
	Version   int            // of the tables
	Workspace string         // to which the store is bound; "" for none yet
	Bytes     int64          // on disk
	Changes   map[Status]int // by their status on record, but for those that are overdue, which count as expired
	Items     int64
	Purged    int       // changes whose values were purged
	Oldest    time.Time // when the oldest change was created; zero where there is none
	// Waiting counts the changes that wait for a confirmation, and are not overdue; WaitingBytes is how large they are.
	Waiting      int
	WaitingBytes int64
	First        int64      // number of the first event of the trail that is kept; 0 for none
	Head         Head       // of the trail
	Cut          *CutRecord // the latest cut that the trail tells of; nil for none
	Frozen       bool       // writes are
}
