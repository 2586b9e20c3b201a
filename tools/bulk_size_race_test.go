//go:build race

package tools

// large is the size of the large bulk update: the race detector makes each
// contact ten times as dear.
const large = 2_000

// estimatedMost is how many contacts the largest change has whose estimate is held against what then happens.
const estimatedMost = 200
