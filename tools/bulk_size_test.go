//go:build !race

package tools

// large is the size of the large bulk update.
const large = 10_000

// estimatedMost is how many contacts the largest change has whose estimate is held against what then happens.
const estimatedMost = 10_000
